import { UserError } from '../../clients/error';
import { loadEnvironment } from '../project';

// A program of its own: what an environment is made with stays out of the memory of a process that runs for months, and each
// reload reads what the files say now. Prints the environments named, as JSON.

try {
  const environments = process.argv.slice(2).map((name) => loadEnvironment(name));
  process.stdout.write(JSON.stringify({ environments }));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stdout.write(JSON.stringify({ fault: error.message }));
}
