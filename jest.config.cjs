// Two projects: `unit` needs nothing but Node (npm run test:unit), `machine` looks first at what this machine has.
const common = {
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/', '<rootDir>/cdktf.out/'],
  prettierPath: null,
  // The examples name the package, as a reader's project does.
  moduleNameMapper: {
    '^aurora-iam$': '<rootDir>/modules/index.ts',
    '^aurora-iam/testing$': '<rootDir>/testing/index.ts',
  },
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
};

/** @type {import('jest').Config} */
module.exports = {
  // Most of the long tests wait for a server: leaving a core free, as jest does, doubles the time on two.
  maxWorkers: '100%',
  reporters: ['default', '<rootDir>/__tests__/support/count-reporter.cjs'],
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.machine\\.test\\.ts$'],
      globalSetup: '<rootDir>/__tests__/support/temporary-folder.ts',
      globalTeardown: '<rootDir>/__tests__/support/teardown.ts',
    },
    {
      ...common,
      displayName: 'machine',
      testMatch: ['<rootDir>/__tests__/**/*.machine.test.ts'],
      globalSetup: '<rootDir>/__tests__/support/setup.ts',
      globalTeardown: '<rootDir>/__tests__/support/teardown.ts',
    },
  ],
};
