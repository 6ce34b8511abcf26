import type { Command } from 'commander';
import { collected, portNumber, ROLE } from '../option-values';

/** The options of `aurora-iam proxy`, as commander reads them. */
export interface ProxyCommandOptions {
  readonly target?: string;
  readonly reader?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly region?: string;
  readonly as?: string;
  readonly user?: readonly string[];
  readonly profile?: string;
  readonly role?: string;
  readonly through?: string;
  readonly ca?: string;
  readonly listen?: readonly string[];
  /** False: `--no-password`. */
  readonly password?: boolean;
  readonly verifier?: string;
  readonly printPassword?: boolean;
  /** False: `--no-tls`. */
  readonly tls?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly health?: string;
  readonly control?: string;
  readonly status?: boolean;
  readonly drain?: boolean;
  readonly json?: boolean;
}

export function proxyOptions(command: Command): Command {
  return command
    .argument(
      '[env...]',
      'environments; also prod.readers, prod.<target>, and prod=6433 for a port of its own',
    )
    .option('--env <name>', 'the same as env', collected)
    .option('--target <key>', 'of the environments: this target alone')
    .option('--reader', 'of the environments: the endpoint of the readers alone')
    .option('--host <endpoint>', 'instead of environments; needs no permission but rds-db:connect')
    .option('--port <number>', 'with --host: the port of the endpoint (default: 5432)', portNumber)
    .option('--region <name>', 'with --host: the region, if the name does not contain it (global database)')
    .option('--as <principal>', 'of the environments: sign as the role of this principal, for its logins')
    .option('--user <login>', 'let in as this login alone; may be given again', collected)
    .option('--profile <name>', 'AWS profile to sign with (default: the AWS default chain)')
    .option('--role <role>', `role to assume first and to sign as: ${ROLE}`)
    .option('--through <host:port>', "a tunnel to the database (default: the environment's)")
    .option('--ca <file>', 'file of certificate authorities to trust instead of those of RDS')
    .option(
      '--listen <place>',
      'port, address:port, or folder of a Unix socket; may be given again (default: 6432)',
      collected,
    )
    .option('--print-password', 'make the local password and print it, once')
    .option(
      '--verifier <file>',
      'file with the verifier of the local password (default: in ~/.config/aurora-iam)',
    )
    .option('--no-password', 'ask for no password; only on a Unix socket, which its owner alone can open')
    .option('--tls-cert <file>', 'certificate for the clients (default: one for localhost, made here)')
    .option('--tls-key <file>', 'its key')
    .option('--no-tls', 'offer no TLS to the clients')
    .option('--health <place>', 'answer /livez, /readyz and /status over HTTP here')
    .option('--control <socket>', 'Unix socket for --status and --drain (default: in the runtime folder)')
    .option('--status', 'show how the running proxy is')
    .option('--drain', 'let the running proxy finish what runs, take nothing new, and end')
    .option('--json', 'log lines, and the status, as JSON');
}
