const [unit] = require('../../jest.config.cjs').projects;

// The project's own settings. What run.ts selects needs no part of the machine, so nobody looks for one.
/** @type {import('jest').Config} */
module.exports = {
  ...unit,
  rootDir: '../..',
  reporters: ['default'],
  setupFilesAfterEnv: ['<rootDir>/__tests__/successor/require-successor.cjs'],
};
