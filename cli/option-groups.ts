import { type Command, Option } from 'commander';
import { TOKEN_LIMITS } from '../modules/iam/token-limits';
import { aboutEnvironment } from './about';
import { portNumber, ROLE } from './option-values';

export const JSON_OPTION = [
  '--json',
  'for scripts: { "findings": [{ rule, severity, where, message, wayOut }] }',
] as const;

/** Of a command that logs in as a login: where, and as whom. */
export function targeted(command: Command, more?: string): Command {
  return aboutEnvironment(command, { login: 'optional', orHost: true, ...(more ? { more } : {}) })
    .option('--target <key>', 'of the environment: one of its targets (default: its own cluster)')
    .option('--reader', 'of the environment: the endpoint of the readers')
    .option('--host <endpoint>', 'instead of an environment; needs no permission but rds-db:connect')
    .option('--port <number>', 'with --host: the port (default: 5432)', portNumber)
    .option('--region <name>', 'with --host: the region, if the name does not contain it (global database)')
    .option('--as <principal>', 'of the environment: sign as the role of this principal, as its login')
    .option('--profile <name>', 'AWS profile to sign with (default: the AWS default chain)')
    .option('--role <role>', `role to assume first and to sign as: ${ROLE}`);
}

/** Of a command that connects: the database, and the way to it. */
export function onTheWay(command: Command): Command {
  return command
    .option('--database <name>', "database (default: the environment's databaseName, or postgres)")
    .option('--through <host:port>', "a tunnel to the database (default: the environment's)")
    .option('--ca <file>', 'file of certificate authorities to trust instead of those of RDS');
}

export function forClient(): Option {
  return new Option('--for <client>', 'warn if the token is longer than this client keeps').choices(
    Object.keys(TOKEN_LIMITS),
  );
}

/** Of a command that logs in as the environment's admin. */
export function asAdmin(command: Command, only: 'reads' | 'writes', login?: 'required'): Command {
  const targeted = aboutEnvironment(command, login ? { login } : {}).option(
    '--target <key>',
    'one of the targets of the environment (default: its own cluster)',
  );
  return (only === 'reads' ? targeted.option('--reader', 'the endpoint of the readers') : targeted)
    .option('--host <endpoint>', 'the endpoint, instead of looking it up')
    .option('--port <number>', 'with --host: the port (default: 5432)', portNumber)
    .option('--region <name>', 'with --host: the region, if the name does not contain it (global database)')
    .option('--through <host:port>', "a tunnel to the database (default: the environment's)")
    .option('--ca <file>', 'file of certificate authorities to trust instead of those of RDS')
    .option('--profile <name>', 'AWS profile (default: the AWS default chain)')
    .option('--role <role>', `role to assume first: ${ROLE}`);
}

/** Of a command that reads the state of the database stack. */
export function stated(command: Command): Command {
  return command
    .addOption(
      new Option('--synthesized <folder>', 'output folder of cdktf synth')
        .default('cdktf.out')
        .env('AURORA_IAM_SYNTHESIZED'),
    )
    .option(
      '--state <file>',
      'the state of the database stack, of terraform state pull (default: asked of its backend); - for standard input',
    );
}
