import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { UserError } from '../clients/error';
import { aboutEnvironment, onAbout, onEnvironment, onLogin } from './about';
import type { AdminOptions } from './admin-database';
import type { CheckOptions } from './check';
import type { ConnectOptions } from './connect';
import type { DoctorOptions } from './doctor';
import type { LintOptions } from './lint';
import { asAdmin, forClient, JSON_OPTION, onTheWay, stated, targeted } from './option-groups';
import { collected, portNumber, ROLE } from './option-values';
import { done, type Outcome } from './outcome';
import { type ProxyCommandOptions, proxyOptions } from './proxy/options';
import type { RecoverOptions } from './recover';
import type { RevokeOptions } from './revoke';
import type { ShowOptions } from './show';
import type { PreflightState } from './stack-state';
import type { TokenOptions } from './token';
import { TOKEN_FORMATS } from './token-formats';

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
      'IAM logins to Aurora PostgreSQL: deploy them, connect with them, and find out what is wrong with them.',
    )
    .version(packageVersion(), '--version', 'Print the version.')
    .helpOption('-h, --help', 'Show the commands and options.')
    .helpCommand(false)
    // What is wrong with a command line is told as everything else is.
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'aurora-iam: ')) })
    // As each command's own usage has it; an argument that an option may replace is optional for commander.
    .configureHelp({
      subcommandTerm: (command) => `${command.name()} ${command.usage().replace('[options] ', '')}`,
    })
    .showHelpAfterError('(--help shows the commands and options)')
    .addHelpText(
      'after',
      '\nTry it without an AWS account: npm start, in a clone of the project.\n' +
        'Exit codes: 0 no fault, 1 a fault was found, 2 the command could not do it. connect exits as psql does.',
    );

  all.commandsGroup('Deploy:');
  stated(asAdmin(all.command('preflight'), 'reads'))
    .description(
      "Before a deploy, show what would fail in the database and what would be taken away. Logs in as the environment's admin and changes nothing.",
    )
    .option(
      '--no-state',
      'for access that is deployed as SQL: read no state, and expect the roles to be there',
    )
    .option(...JSON_OPTION)
    .action(
      onEnvironment(async ({ env }, options: CheckOptions & PreflightState) => {
        const { checkBefore } = await import('./check');
        answer(await checkBefore(env, options, remark));
      }),
    );
  aboutEnvironment(all.command('sql'))
    .description('Print the access of an environment as an SQL script for psql.')
    .option('--remove <login>', 'print a script that ends the sessions of this login and drops it')
    .action(
      onEnvironment(async ({ env }, { remove }: { remove?: string }) => {
        const { sql } = await import('./sql');
        answer(sql(env, remove));
      }),
    );
  aboutEnvironment(all.command('permissions'), { more: 'stack' })
    .description('Print the IAM policies that the deploying role of an environment needs, as JSON by stack.')
    .argument('[stack]', 'print only this document, such as dev-policies')
    .option('--resource-id <id>', 'cluster-… or db-…: limits an IAM admin to this cluster or instance')
    .action(
      onEnvironment(async ({ env, stack }, { resourceId }: { resourceId?: string }) => {
        const { permissions } = await import('./permissions');
        answer(permissions(env, stack, resourceId));
      }),
    );
  asAdmin(all.command('schemas'), 'writes')
    .description(
      'Create the missing schemas of the owner groups. The database stack runs this when it is applied.',
    )
    .action(
      onEnvironment(async ({ env }, options: AdminOptions) => {
        const { createSchemas } = await import('./schemas');
        answer(await createSchemas(env, options, remark));
      }),
    );

  all.commandsGroup('Connect:');
  onTheWay(targeted(all.command('connect'), '-- psql...'))
    .description('Run psql as a login, over verified TLS, with a fresh token. Arguments after -- go to psql.')
    .option('--print', 'print the command instead, to be pasted into a shell')
    .argument('[psql...]', 'after --: arguments for psql')
    .action(
      onAbout(async ({ env, login: user }, options: ConnectOptions, psqlArguments) => {
        const { connect } = await import('./connect');
        answer(await connect({ ...options, env, user }, psqlArguments, remark));
      }),
    );
  onTheWay(targeted(all.command('token')))
    .description('Print one token, valid for 15 minutes, in the form that its place needs.')
    .addOption(
      new Option('--format <format>', 'a bare token, or with all that a client needs')
        .choices(TOKEN_FORMATS)
        .default('raw'),
    )
    .addOption(forClient())
    .action(
      onAbout(async ({ env, login: user }, options: TokenOptions) => {
        const { token } = await import('./token');
        answer(await token({ ...options, env, user }, remark));
      }),
    );
  targeted(all.command('password'))
    .description('Print one token, and nothing else: the command for clients that run one to get a password.')
    .addOption(forClient())
    .action(
      onAbout(async ({ env, login: user }, options: TokenOptions) => {
        const { password } = await import('./token');
        answer(await password({ ...options, env, user }, remark));
      }),
    );

  proxyOptions(all.command('proxy'))
    .description(
      'Let clients of this machine in by a local password, and connect each with a fresh token over verified TLS. Runs until it is ended.',
    )
    .action(async (named: string[], { env = [], ...options }: ProxyCommandOptions & { env?: string[] }) => {
      const { proxy } = await import('./proxy');
      answer(await proxy([...named, ...env], options, (text) => answer(done(text)), remark));
    });

  all.commandsGroup('Look:');
  all
    .command('list')
    .description('List the environments of the project.')
    .option('--json', 'for scripts: { "environments": […] }, each as show --json prints it')
    .action(async (options: ShowOptions) => {
      const { list } = await import('./show');
      answer(list(options));
    });
  aboutEnvironment(all.command('show'))
    .description('Show the logins, groups, principals and targets of an environment, and how to connect.')
    .option('--json', 'for scripts')
    .action(
      onEnvironment(async ({ env }, options: ShowOptions) => {
        const { show } = await import('./show');
        answer(show(env, options));
      }),
    );
  asAdmin(all.command('check'), 'reads')
    .description(
      "After a deploy, show who is locked out of the database and what differs from the environment. Logs in as the environment's admin and changes nothing.",
    )
    .option(...JSON_OPTION)
    .action(
      onEnvironment(async ({ env }, options: CheckOptions) => {
        const { check } = await import('./check');
        answer(await check(env, options, remark));
      }),
    );
  all
    .command('lint')
    .description('Find mistakes in an IAM policy for rds-db:connect.')
    .argument('<file>', 'policy document as JSON; - for standard input')
    .argument(
      '[env]',
      'environment whose targets and logins to compare with; asks AWS for their resource ids',
    )
    .option('--env <name>', 'the same as env')
    .option('--profile <name>', 'with an environment: AWS profile (default: the AWS default chain)')
    .option('--role <role>', `with an environment: role to assume first: ${ROLE}`)
    .option(...JSON_OPTION)
    .action(async (file: string, env: string | undefined, options: LintOptions & { env?: string }) => {
      if (env !== undefined && options.env !== undefined && env !== options.env)
        throw new UserError(`Two environments are named: ${env}, and ${options.env} by --env. Name one.`);
      const { lint } = await import('./lint');
      answer(await lint(file, env ?? options.env, options, remark));
    });
  all
    .command('plan')
    .description(
      'Plan synthesized stacks as if nothing existed, without credentials, AWS or a database. For pull requests.',
    )
    .argument('[stacks...]', 'stacks to plan, or environments (default: all)')
    .option('--env <name>', 'the stacks of this environment')
    .option('--synthesized <folder>', 'output folder of cdktf synth', 'cdktf.out')
    .option('--out <folder>', 'folder for the <stack>.plan.json files', 'plans')
    .option('--found <file>', 'JSON file with the results of look-ups, by address; clusters have stand-ins')
    .option(
      '--provider-version <name=version>',
      'provider version to use instead of the one that the stacks require',
      collected,
    )
    .action(async (stacks: string[], options) => {
      const { plan } = await import('./plan');
      answer(await plan(stacks, options, say));
    });
  all
    .command('review')
    .description(
      'Show what plans change, and fail on what must not be applied. Reads the output of terraform show -json.',
    )
    .argument('<plan.json...>', 'plans as JSON; - for standard input')
    .option('--base <plan.json>', 'a plan or a folder of plans from before the change, to compare with')
    .option(...JSON_OPTION)
    .option('--markdown', 'print a summary for a pull request: who gains and loses what')
    .option(
      '--accept <rule:address:hash>',
      'accept a fault; its line ends with this text (also: AURORA_IAM_ACCEPT)',
      collected,
    )
    .option(
      '--allow-foreign <type|address>',
      'allow a further type or address of your own (also: AURORA_IAM_ALLOW_FOREIGN)',
      collected,
    )
    .action(async (files: string[], options) => {
      const { review } = await import('./review');
      answer(review(files, options));
    });

  aboutEnvironment(all.command('doctor'), { login: 'optional', orHost: true })
    .description(
      'Find out why a login is refused: the cause, and what mends it. Explains a token or an error message. Reads only, and prints nothing secret.',
    )
    .option('--host <endpoint>', 'instead of an environment, or beside it instead of the look-up')
    .option('--port <number>', 'the port (default: that of the cluster, or 5432)', portNumber)
    .option('--region <name>', 'the region that the client signs for (default: that of the endpoint)')
    .option('--database <name>', "database (default: the environment's databaseName, or postgres)")
    .option('--target <key>', 'of the environment: one of its targets (default: its own cluster)')
    .option('--reader', 'of the environment: the endpoint of the readers')
    .option('--through <host:port>', "a tunnel to the database (default: the environment's)")
    .option('--ca <file>', 'file of certificate authorities to trust instead of those of RDS')
    .option('--profile <name>', 'AWS profile (default: the AWS default chain)')
    .option('--role <role>', `role to assume first and to sign as: ${ROLE}`)
    .option(
      '--as <principal>',
      "asked by an administrator: why this principal cannot connect (a role's ARN or name, user/<name>, a key of the environment); assumes nothing",
    )
    .option('--look-as <user>', 'look inside PostgreSQL as this user, with PGPASSWORD or a token')
    .option('--replication', 'it is a replication connection')
    .option(
      '--token <file>',
      'the token that the client sends, instead of a new one; - for standard input. Alone: explain it',
    )
    .option('--message <text>', 'what the client, or the log of RDS, says. Alone: explain it')
    .option('--json', 'for scripts: the answer, the cause, the checks')
    .addHelpText(
      'after',
      '\nExit codes: 0 the login is right, 1 a cause was found, 2 refused and no cause found, 3 it could not look.',
    )
    .action(
      onAbout(async ({ env, login: user }, options: DoctorOptions) => {
        const { doctor } = await import('./doctor');
        answer(await doctor({ ...options, env, user }));
      }),
    );

  all.commandsGroup('Mend:');
  stated(asAdmin(all.command('recover'), 'reads'))
    .description(
      'After a deploy that was killed: write import blocks, for one run, for the roles that it made and that are not in the state. Changes nothing in the database.',
    )
    .action(
      onEnvironment(async ({ env }, options: RecoverOptions) => {
        const { recover } = await import('./recover');
        answer(await recover(env, options, remark));
      }),
    );
  asAdmin(all.command('revoke'), 'writes', 'required')
    .description('Shut out a login now: set NOLOGIN, then end its open sessions. Drops nothing.')
    .option('--no-build', 'use the last build of the project')
    .action(
      onLogin(async (env, login, options: RevokeOptions) => {
        const { revoke } = await import('./revoke');
        answer(await revoke(env, login, options, say, remark));
      }),
    );
  return all;
}

/** From package.json, which stands above cli/ in the source and above dist/cli/ in what is built. */
function packageVersion(folder = __dirname): string {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return packageVersion(join(folder, '..'));
  }
}
