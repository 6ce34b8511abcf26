import { CommanderError } from 'commander';
import { silenceNodeVersionWarning } from '../clients/aws/node-version-warning';
import { UserError } from '../clients/error';
import { EXIT } from './outcome';
import { program } from './program';

silenceNodeVersionWarning();

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
