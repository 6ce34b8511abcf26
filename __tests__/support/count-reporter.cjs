const { readSkipReasons } = require('./skip-reasons.cjs');

/** Ends a test run with why tests were skipped and the line that counts them. */
module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    // A file that could not run at all has no tests to count, and must not pass for it.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const reasons = readSkipReasons().map((reason) => `skipped: ${reason}\n`);
    const count = `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
    // Jest's own summary comes after all reporters, and the count must be the last line.
    process.on('exit', () => process.stdout.write(`\n${reasons.join('')}${count}\n`));
  }
};
