import { Command } from 'commander';
import fc from 'fast-check';
import { aboutEnvironment, onAbout, onEnvironment, onLogin } from '../../cli/about';
import { program } from '../../cli/program';

type Seen = {
  env?: string | undefined;
  login?: string | undefined;
  stack?: string | undefined;
  psql: readonly string[];
};

/** What a command takes a command line to be about. */
async function about(line: string): Promise<Seen> {
  let seen: Seen | undefined;
  const all = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  const see = (given: object, psql: readonly string[] = []) => {
    seen = { ...given, psql };
    return Promise.resolve();
  };
  aboutEnvironment(all.command('check')).action(onEnvironment((given) => see(given)));
  aboutEnvironment(all.command('permissions'), { more: 'stack' })
    .argument('[stack]')
    .action(onEnvironment((given) => see(given)));
  aboutEnvironment(all.command('revoke'), { login: 'required' })
    .option('--profile <name>')
    .action(onLogin((env, login) => see({ env, login })));
  aboutEnvironment(all.command('connect'), { login: 'optional', orHost: true })
    .argument('[psql...]')
    .action(onAbout((given, _options, psql) => see(given, psql)));
  await all.parseAsync(line.split(' '), { from: 'user' });
  return seen as Seen;
}

test.each([
  ['check dev', { env: 'dev' }],
  ['check --env dev', { env: 'dev' }],
  ['check dev --env dev', { env: 'dev' }],
  ['permissions dev dev-policies', { env: 'dev', stack: 'dev-policies' }],
  ['permissions --env dev dev-policies', { env: 'dev', stack: 'dev-policies' }],
  ['revoke dev analyst', { env: 'dev', login: 'analyst' }],
  ['revoke dev --user analyst', { env: 'dev', login: 'analyst' }],
  ['revoke --env dev analyst', { env: 'dev', login: 'analyst' }],
  ['revoke analyst --env dev --profile ops', { env: 'dev', login: 'analyst' }],
  ['revoke --user analyst --env dev', { env: 'dev', login: 'analyst' }],
  ['connect', { env: undefined, login: undefined }],
  ['connect dev', { env: 'dev', login: undefined }],
  ['connect dev analyst -- -c x', { env: 'dev', login: 'analyst', psql: ['-c', 'x'] }],
  ['connect dev -- -c x', { env: 'dev', login: undefined, psql: ['-c', 'x'] }],
  ['connect --env dev --user analyst -- -c x', { env: 'dev', login: 'analyst', psql: ['-c', 'x'] }],
])('%s', async (line, expected) => {
  expect(await about(line)).toMatchObject(expected);
});

test.each([
  ['check a --env b', 'Two environments are named: a, and b by --env. Name one.'],
  ['connect a x --env b', 'Two environments are named: a, and b by --env'],
  ['revoke a x --user y', 'Two logins are named: x, and y by --user'],
  ['connect a x psqldb', '"psqldb" is one argument too many: what is meant for psql stands after --'],
  ['check', 'Say which environment is meant'],
  ['revoke --user x', 'Say which environment is meant'],
  ['revoke a', 'Say which login is meant'],
])('%s is refused', async (line, message) => {
  await expect(about(line)).rejects.toThrow(message);
});

test('whatever is told by position or by option is told the same', async () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
  await fc.assert(
    fc.asyncProperty(name, name, async (env, login) => {
      for (const line of [
        `${env} ${login}`,
        `--env ${env} ${login}`,
        `${env} --user ${login}`,
        `--user ${login} --env ${env}`,
      ])
        expect(await about(`revoke ${line}`)).toMatchObject({ env, login });
    }),
    { numRuns: 30 },
  );
});

/** Commands about files and stacks, which take the environment by option alone. */
const ABOUT_FILES = ['lint', 'plan', 'review'];

/** Commands about several environments, where a second argument is another one. */
const ABOUT_SEVERAL = ['proxy'];

test.each(program(() => {}).commands.map((command) => [command.name(), command] as const))(
  '%s takes the environment as every other command does',
  (name, command) => {
    const [first] = command.registeredArguments.map((argument) => argument.name());
    const flags = command.options.map(({ long }) => long);
    if (ABOUT_FILES.includes(name)) return;
    if (command.registeredArguments.length === 0 && !flags.includes('--env')) return;
    expect(first).toBe('env');
    expect(flags).toContain('--env');
    if (ABOUT_SEVERAL.includes(name)) return;
    expect(flags.includes('--user')).toBe(
      command.registeredArguments.some((argument) => argument.name() === 'login'),
    );
  },
);
