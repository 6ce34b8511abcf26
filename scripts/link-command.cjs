// After `npm ci` in a clone: puts `aurora-iam` where npx looks first. Otherwise npx links the whole project into its cache at
// each call, which takes seconds. Where links are not to be had, it goes on as before.
const { rmSync, symlinkSync } = require('node:fs');
const { join } = require('node:path');

const link = join(__dirname, '..', 'node_modules', '.bin', 'aurora-iam');
if (process.platform !== 'win32') {
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'cli', 'bin.cjs'), link);
}
