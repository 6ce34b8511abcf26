import { CommanderError } from 'commander';
import { silenceNodeVersionWarning } from '../clients/aws/node-version-warning';
import { UserError } from '../clients/error';
import { DOCTOR_EXIT } from './doctor/exit';
import { EXIT } from './outcome';
import { program } from './program';

silenceNodeVersionWarning();

// `doctor` says with 2 that a login is refused.
const failed = process.argv[2] === 'doctor' ? DOCTOR_EXIT.notLooked : EXIT.failed;

program(
  ({ text, error, exit }) => {
    process.stdout.write(text);
    if (error !== undefined) console.error(`aurora-iam: ${error}`);
    process.exitCode = exit;
  },
  (line) => process.stderr.write(`${line}\n`),
)
  .parseAsync()
  .catch((error: unknown) => {
    // Commander has said it; help and version are no failure.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : failed;
      return;
    }
    if (!(error instanceof UserError)) throw error;
    console.error(`aurora-iam: ${error.message}`);
    process.exitCode = failed;
  });
