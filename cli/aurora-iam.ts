import { Command, InvalidArgumentError } from 'commander';
import { UserError } from '../clients/error';

// The AWS SDK warns that some later release will want Node 22. The lock file decides which one runs here, and standard
// error belongs to what the person can do something about.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

// Each command loads what it needs when it runs: the AWS SDK is most of the time of a short one.

const program = new Command('aurora-iam')
  .description('IAM logins to Aurora PostgreSQL.')
  .showHelpAfterError('(--help shows what can be given)');

function targeted(command: Command): Command {
  return command
    .option('--env <name>', 'environment of this project; looks the cluster up (rds:DescribeDBClusters)')
    .option(
      '--host <endpoint>',
      'instead of --env: the endpoint, which needs no permission but rds-db:connect',
    )
    .option('--port <number>', 'with --host (default: 5432)', portNumber)
    .option('--region <name>', 'with --host, where its name does not tell the region')
    .requiredOption('--user <login>', 'the login; upper and lower case count')
    .option('--profile <name>', 'AWS profile to sign with (default: the AWS default chain)')
    .option('--role <arn>', 'role to assume first, and to sign as');
}

targeted(program.command('token'))
  .description('Print one token, valid for 15 minutes, and nothing else.')
  .action(async (options) => {
    const { resolveTarget, signToken } = await import('./target');
    process.stdout.write(`${await signToken(await resolveTarget(options), options)}\n`);
  });

targeted(program.command('connect'))
  .description('Run psql as the login, over verified TLS, with a fresh token. Arguments after -- go to psql.')
  .option('--database <name>', "default: the environment's databaseName, or postgres")
  .option('--through <host:port>', "a tunnel to the database (default: the environment's)")
  .option('--ca <file>', 'certificate authorities to trust instead of those of RDS')
  .argument('[psql...]', 'arguments for psql')
  .action(async (psqlArguments: string[], options) => {
    const { connect } = await import('./connect');
    process.exitCode = await connect(options, psqlArguments);
  });

program
  .command('sql')
  .description('Print the SQL that gives the access of an environment, for psql.')
  .argument('<env>', 'environment of this project')
  .option('--remove <login>', 'instead: the SQL that ends the sessions of a login and drops it')
  .action(async (name: string, { remove }: { remove?: string }) => {
    const { sql } = await import('./sql');
    process.stdout.write(sql(name, remove));
  });

program
  .command('permissions')
  .description('Print the IAM policies that the role needs which deploys an environment, as JSON by stack.')
  .argument('<env>', 'environment of this project')
  .argument('[stack]', 'this document alone, such as dev-policies')
  .option('--resource-id <id>', 'cluster-… or db-…: narrows the login of an admin by IAM to this one')
  .action(async (name: string, stack: string | undefined, { resourceId }: { resourceId?: string }) => {
    const { permissions } = await import('./permissions');
    process.stdout.write(permissions(name, stack, resourceId));
  });

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

asAdmin(program.command('preflight'))
  .description(
    "Before a deploy, as the environment's admin: what would fail, and what would be taken away. Changes nothing.",
  )
  .action(async (name: string, options) => {
    const { checkBefore } = await import('./check');
    process.exitCode = await checkBefore(name, options);
  });

asAdmin(program.command('check'))
  .description(
    "After a deploy, as the environment's admin: who is locked out, and what differs. Changes nothing.",
  )
  .action(async (name: string, options) => {
    const { check } = await import('./check');
    process.exitCode = await check(name, options);
  });

asAdmin(program.command('revoke'))
  .description('End what a login can do, now: NOLOGIN, then its open sessions. Drops nothing.')
  .argument('<login>', 'upper and lower case count')
  .option('--no-build', 'work with what was built before')
  .action(async (name: string, login: string, options) => {
    const { revoke } = await import('./revoke');
    await revoke(name, login, options);
  });

asAdmin(program.command('schemas'))
  .description(
    'Make the missing schemas of the owner groups. The database stack runs this when it is applied.',
  )
  .action(async (name: string, options) => {
    const { createSchemas } = await import('./schemas');
    await createSchemas(name, options);
  });

program
  .command('lint')
  .description(
    'Look for mistakes in an IAM policy that is meant for rds-db:connect. Exits 1 if there are any.',
  )
  .argument('<file>', 'JSON of the policy document; - for standard input')
  .action(async (file: string) => {
    const { lint } = await import('./lint');
    process.exitCode = await lint(file);
  });

program
  .command('plan')
  .description(
    'Plan synthesized stacks as if nothing existed, without credentials, AWS or a database: for pull requests.',
  )
  .argument('[stacks...]', 'default: all')
  .option('--synthesized <folder>', 'what cdktf synth wrote', 'cdktf.out')
  .option('--out <folder>', 'where <stack>.plan.json is written', 'plans')
  .option('--found <file>', 'JSON: what look-ups find, by address; clusters have stand-ins')
  .option('--provider-version <name=version>', 'in the place of what the stacks demand', collected)
  .action(async (stacks: string[], options) => {
    const { plan } = await import('./plan');
    await plan(stacks, options, (line) => process.stdout.write(`${line}\n`));
  });

program
  .command('review')
  .description('Look for what must not be applied in plans (terraform show -json). Exits 1 if there is any.')
  .argument('<plan.json...>', 'JSON of the plans; - for standard input')
  .option('--base <plan.json>', 'a plan, or a folder of plans, from before the change: shows the difference')
  .option('--markdown', 'the summary that a pull request shows: who gains and loses what')
  .option('--accept <rule:address>', 'a fault that is wanted (also: AURORA_IAM_ACCEPT)', collected)
  .action(async (files: string[], options) => {
    const { review } = await import('./review');
    const { text, code } = review(files, options);
    process.stdout.write(text);
    process.exitCode = code;
  });

function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new InvalidArgumentError('It is no port.');
  return port;
}

program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof UserError)) throw error;
  console.error(`aurora-iam: ${error.message}`);
  process.exitCode = 1;
});
