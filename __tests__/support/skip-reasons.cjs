const { appendFileSync, existsSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

// Jest knows that a test was skipped, not why. The workers of one run write the reasons into one file.
// Its name is known only after setup.ts, which reporters are loaded before.
const file = () => join(tmpdir(), `aurora-iam-skipped-${process.env.AURORA_IAM_TEST_RUN}`);

module.exports = {
  addSkipReason: (reason) => appendFileSync(file(), `${reason}\n`),
  /** Each reason once; the file is gone afterwards. */
  readSkipReasons: () => {
    if (!existsSync(file())) return [];
    const reasons = readFileSync(file(), 'utf8').trim().split('\n');
    rmSync(file());
    return [...new Set(reasons)];
  },
};
