const { readSkipReasons } = require('./skip-reasons.cjs');

/** Ends a test run with why tests were skipped and the line that counts them. */
module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    for (const reason of readSkipReasons()) process.stdout.write(`skipped: ${reason}\n`);
    const skipped = results.numPendingTests + results.numTodoTests;
    // A file that could not run at all has no tests to count, and must not pass for it.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.stdout.write(`\n${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  }
};
