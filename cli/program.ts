import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { done, type Outcome } from './outcome';

/**
 * The command line of `aurora-iam`: what can be given, and the one file that carries each command out. Each is loaded when it
 * runs, because the AWS SDK is most of the time of a short one. docs/commands.md is made from this.
 * @param answer is called with what a command answers; more than once where it lasts
 * @param remark is called with what belongs to a person, not to standard output
 */
export function program(
  answer: (outcome: Outcome) => void,
  remark: (line: string) => void = () => {},
): Command {
  const say = (line: string) => answer(done(`${line}\n`));
  const all = new Command('aurora-iam')
    // Before any command is added: they inherit it.
    .exitOverride()
    .description(
      'IAM logins to Aurora PostgreSQL: deploy them, connect with them, and see what is wrong with them.',
    )
    .version(packageVersion(), '--version', 'Print the version.')
    .helpOption('-h, --help', 'Show what can be given.')
    .helpCommand(false)
    .showHelpAfterError('(--help shows what can be given)')
    .addHelpText(
      'after',
      '\nTry it without an AWS account: npm start, in a clone of the project.\n' +
        'Exit codes: 0 nothing to mend, 1 a fault was found, 2 it could not be done. connect ends as psql does.',
    );

  all.commandsGroup('Deploy:');
  asAdmin(all.command('preflight'))
    .description(
      "Before a deploy, look at the database as the environment's admin: what would fail, and what would be taken away. Changes nothing.",
    )
    .option(...JSON_OPTION)
    .action(async (name: string, options) => {
      const { checkBefore } = await import('./check');
      answer(await checkBefore(name, options));
    });
  all
    .command('sql')
    .description('Print the SQL that gives the access of an environment, as a script for psql.')
    .argument('<env>', 'environment of this project')
    .option('--remove <login>', 'instead, the SQL that ends the sessions of a login and drops it')
    .action(async (name: string, { remove }: { remove?: string }) => {
      const { sql } = await import('./sql');
      answer(sql(name, remove));
    });
  all
    .command('permissions')
    .description('Print the IAM policies that the role which deploys an environment needs, as JSON by stack.')
    .argument('<env>', 'environment of this project')
    .argument('[stack]', 'this document alone, such as dev-policies')
    .option('--resource-id <id>', 'cluster-… or db-…: narrows the login of an admin by IAM to this one')
    .action(async (name: string, stack: string | undefined, { resourceId }: { resourceId?: string }) => {
      const { permissions } = await import('./permissions');
      answer(permissions(name, stack, resourceId));
    });
  asAdmin(all.command('schemas'))
    .description(
      'Create the missing schemas of the owner groups. The database stack runs this when it is applied.',
    )
    .action(async (name: string, options) => {
      const { createSchemas } = await import('./schemas');
      answer(await createSchemas(name, options));
    });

  all.commandsGroup('Connect:');
  targeted(all.command('connect'))
    .description('Run psql as a login, over verified TLS, with a fresh token. Arguments after -- go to psql.')
    .option('--database <name>', "database (default: the environment's databaseName, or postgres)")
    .option('--through <host:port>', "a tunnel to the database (default: the environment's)")
    .option('--ca <file>', 'certificate authorities to trust instead of those of RDS')
    .argument('[psql...]', 'arguments for psql')
    .action(async (psqlArguments: string[], options) => {
      const { connect } = await import('./connect');
      answer(await connect(options, psqlArguments, remark));
    });
  targeted(all.command('token'))
    .description('Print one token, valid for 15 minutes, and nothing else.')
    .action(async (options) => {
      const { token } = await import('./token');
      answer(await token(options, remark));
    });

  all.commandsGroup('Look:');
  asAdmin(all.command('check'))
    .description(
      "After a deploy, look at the database as the environment's admin: who is locked out, and what differs. Changes nothing.",
    )
    .option(...JSON_OPTION)
    .action(async (name: string, options) => {
      const { check } = await import('./check');
      answer(await check(name, options));
    });
  all
    .command('lint')
    .description('Look for mistakes in an IAM policy that is meant for rds-db:connect.')
    .argument('<file>', 'JSON of the policy document; - for standard input')
    .option(...JSON_OPTION)
    .action(async (file: string, options) => {
      const { lint } = await import('./lint');
      answer(await lint(file, options));
    });
  all
    .command('plan')
    .description(
      'Plan synthesized stacks as if nothing existed, without credentials, AWS or a database: for pull requests.',
    )
    .argument('[stacks...]', 'stacks to plan (default: all)')
    .option('--synthesized <folder>', 'what cdktf synth wrote', 'cdktf.out')
    .option('--out <folder>', 'where <stack>.plan.json is written', 'plans')
    .option('--found <file>', 'JSON: what look-ups find, by address; clusters have stand-ins')
    .option('--provider-version <name=version>', 'instead of what the stacks demand', collected)
    .action(async (stacks: string[], options) => {
      const { plan } = await import('./plan');
      answer(await plan(stacks, options, say));
    });
  all
    .command('review')
    .description('Look for what must not be applied in plans (terraform show -json).')
    .argument('<plan.json...>', 'JSON of the plans; - for standard input')
    .option(
      '--base <plan.json>',
      'a plan, or a folder of plans, from before the change: shows the difference',
    )
    .option(...JSON_OPTION)
    .option('--markdown', 'the summary that a pull request shows: who gains and loses what')
    .option(
      '--accept <rule:address:hash>',
      'a fault that is wanted, as its line names it (also: AURORA_IAM_ACCEPT)',
      collected,
    )
    .option(
      '--allow-foreign <type|address>',
      'what a stack of your own holds besides (also: AURORA_IAM_ALLOW_FOREIGN)',
      collected,
    )
    .action(async (files: string[], options) => {
      const { review } = await import('./review');
      answer(review(files, options));
    });

  all.commandsGroup('Mend:');
  asAdmin(all.command('revoke'))
    .description('End what a login can do, now: NOLOGIN, then its open sessions. Drops nothing.')
    .argument('<login>', 'the login; upper and lower case count')
    .option('--no-build', 'work with what was built before')
    .action(async (name: string, login: string, options) => {
      const { revoke } = await import('./revoke');
      answer(await revoke(name, login, options, say, remark));
    });
  return all;
}

const JSON_OPTION = [
  '--json',
  'for scripts: { "findings": [{ rule, severity, where, message, wayOut }] }',
] as const;

function targeted(command: Command): Command {
  return command
    .option('--env <name>', 'environment of this project; looks the cluster up (rds:DescribeDBClusters)')
    .option('--target <key>', 'with --env, one of its targets (default: its own cluster)')
    .option('--reader', 'with --env, the endpoint of the readers')
    .option('--host <endpoint>', 'instead of --env, the endpoint; needs no permission but rds-db:connect')
    .option('--port <number>', 'with --host (default: 5432)', portNumber)
    .option('--region <name>', 'with --host, where its name does not tell the region: of a global database')
    .requiredOption('--user <login>', 'the login; upper and lower case count')
    .option('--profile <name>', 'AWS profile to sign with (default: the AWS default chain)')
    .option('--role <arn>', 'role to assume first, and to sign as');
}

function asAdmin(command: Command): Command {
  return command
    .argument('<env>', 'environment of this project')
    .option('--host <endpoint>', 'the endpoint, instead of a look-up')
    .option('--port <number>', 'with --host (default: 5432)', portNumber)
    .option('--through <host:port>', "a tunnel to the database (default: the environment's)")
    .option('--ca <file>', 'certificate authorities to trust instead of those of RDS')
    .option('--profile <name>', 'AWS profile (default: the AWS default chain)')
    .option('--role <arn>', 'role to assume first');
}

function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new InvalidArgumentError('Expected a port number from 1 to 65535.');
  return port;
}

/** From package.json, which stands above cli/ in the source and above dist/cli/ in what is built. */
function packageVersion(folder = __dirname): string {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return packageVersion(join(folder, '..'));
  }
}
