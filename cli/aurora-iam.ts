import { CommanderError } from 'commander';
import { UserError } from '../clients/error';
import { EXIT } from './outcome';
import { program } from './program';

// The AWS SDK warns that some later release will want Node 22. The lock file decides which one runs here, and standard
// error belongs to what the person can do something about.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

program(
  ({ text, exit }) => {
    process.stdout.write(text);
    process.exitCode = exit;
  },
  (line) => process.stderr.write(`${line}\n`),
)
  .parseAsync()
  .catch((error: unknown) => {
    // Commander has said it; help and version are no failure.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.failed;
      return;
    }
    if (!(error instanceof UserError)) throw error;
    console.error(`aurora-iam: ${error.message}`);
    process.exitCode = EXIT.failed;
  });
