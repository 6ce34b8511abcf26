// Command lines that messages tell people to run, and those that stacks hold.

/** One word of a POSIX shell, whatever is in it; unquoted where nothing needs it. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** psql as a login. @param signing where the process's own identity may not: a role, or the principal whose role it is */
export function connectCommand(
  environment: string,
  login: string,
  signing: { readonly role?: string; readonly as?: string; readonly target?: string } = {},
): string {
  const options = Object.entries(signing).map(([name, value]) => ` --${name} ${value}`);
  return `npx aurora-iam connect ${environment} ${login}${options.join('')}`;
}

/** Prints a token for a login or the admin. */
export function tokenCommand(environment: string, login: string): string {
  return `npx aurora-iam token ${environment} ${login}`;
}

/** Prints a token. @param words the options that say which database is meant, as whom, and with whose credentials */
export function passwordCommand(words: readonly string[]): string {
  return ['npx aurora-iam password', ...words.map(shellWord)].join(' ');
}

/** Makes the schemas of the owner groups. */
export function schemasCommand(environment: string): string {
  return `npx aurora-iam schemas ${environment}`;
}

/** As `schemasCommand`, for the provisioner: from the project's own packages, never from a registry. */
export function schemasProvisioner(environment: string): string {
  return `npx --no-install aurora-iam schemas ${environment}`;
}

/** Whether `schemasProvisioner` makes such a command, of some environment. */
export function isSchemasProvisioner(command: string): boolean {
  const environment = command.split(' ').at(-1) ?? '';
  return /^[a-z0-9][a-z0-9-]*$/.test(environment) && command === schemasProvisioner(environment);
}

/** Prints the script that gives access; with `remove` the one that takes a login's away. */
export function sqlCommand(environment: string, { remove = false } = {}): string {
  return `aurora-iam sql ${environment}${remove ? ' --remove' : ''}`;
}

/** Prints what the role needs that deploys a stack. */
export function permissionsCommand(environment: string, stack: string): string {
  return `aurora-iam permissions ${environment} ${stack}`;
}

/** Names what would fail in a deploy. */
export function preflightCommand(environment: string): string {
  return `npx aurora-iam preflight ${environment}`;
}

/** Finds what a deploy that was killed has left outside the state, and imports it. */
export function recoverCommand(environment: string): string {
  return `npx aurora-iam recover ${environment}`;
}

/** Ends what a login can do, now. */
export const REVOKE_COMMAND = 'aurora-iam revoke';

export const SYNTH_COMMAND = 'npx cdktf synth';

/** Plans a stack. */
export function diffCommand(stack: string): string {
  return `npx cdktf diff ${stack}`;
}

/** Finds out why a login is refused. */
export function doctorCommand({
  environment,
  host,
  port,
  user,
}: {
  readonly environment?: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}): string {
  if (environment !== undefined) return `npx aurora-iam doctor ${environment} ${shellWord(user)}`;
  return `npx aurora-iam doctor --host ${shellWord(host)}${port === 5432 ? '' : ` --port ${port}`} --user ${shellWord(user)}`;
}

/** Applies a stack. */
export function deployCommand(stack: string): string {
  return `npx cdktf deploy ${stack} --terraform-parallelism 1`;
}
