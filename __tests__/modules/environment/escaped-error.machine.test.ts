import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../../local/project-directory';

// `npm test` has built the package. What a program of somebody's own prints that does not catch the error.
const programs = {
  'the stacks of wrong environments': `new App(); stacks.environmentStacks(new App({ outdir: '.' }), [{ name: 'x' }])`,
  'what is no list of environments': `stacks.validateEnvironments({})`,
  'a wrong construct': `new stacks.ConnectPolicies(new TerraformStack(new App({ outdir: '.' }), 's'), 'c', { })`,
};

test.each(Object.entries(programs))(
  '%s end with the faults alone: no code, no stack, nothing twice',
  (_what, code) => {
    const from = (...path: string[]) => JSON.stringify(join(PROJECT_DIRECTORY, ...path));
    const program = `const { App, TerraformStack } = require(${from('node_modules', 'cdktf')}); const stacks = require(${from('dist', 'modules')}); ${code}`;
    const { stderr, status } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(status).toBe(1);
    // Node puts an error without lines of code into brackets.
    expect(
      stderr
        .trim()
        .replace(/\n\nNode\.js v.*$/, '')
        .replace(/^\[|\]$/g, ''),
    ).toMatch(/^There (is a|are \d+) faults? in the .*(\n *(environment|construct|fault) .*)+$/);
  },
);
