/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // Most of the long tests wait for a server: leaving a core free, as jest does, doubles the time on two.
  maxWorkers: '100%',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/', '<rootDir>/cdktf.out/'],
  prettierPath: null,
  globalSetup: '<rootDir>/__tests__/support/setup.ts',
  reporters: ['default', '<rootDir>/__tests__/support/count-reporter.cjs'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
};
