import { keptCredentials } from '../../../clients/aws/kept-credentials';

const HOUR = 3_600_000;

/** Credentials of an hour each, and a clock that the test turns. */
function anHourEach() {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z'), loads: 0, fails: false, failures: 0 };
  const kept = keptCredentials(
    async () => {
      clock.loads += 1;
      if (clock.fails) throw new Error('the session has ended');
      return {
        accessKeyId: `key ${clock.loads}`,
        secretAccessKey: 'none',
        expiration: new Date(clock.now + HOUR),
      };
    },
    {
      now: () => clock.now,
      onFailure: () => {
        clock.failures += 1;
      },
    },
  );
  const key = async () => (await kept.get()).accessKeyId;
  return { clock, kept, key };
}

test('they are loaded once, however many connections come at once', async () => {
  const { clock, key } = anHourEach();
  await Promise.all(Array.from({ length: 50 }, key));
  expect(clock.loads).toBe(1);
});

test('they are renewed five minutes before they expire, while the old ones go on being used', async () => {
  const { clock, key } = anHourEach();
  await key();
  clock.now += HOUR - 4 * 60_000;
  expect(await key()).toBe('key 1');
  expect(await key()).toBe('key 2');
});

test('a renewal that fails is told, is not tried at each connection, and costs none before they expire', async () => {
  const { clock, key } = anHourEach();
  await key();
  clock.fails = true;
  clock.now += HOUR - 4 * 60_000;
  for (let round = 0; round < 20; round++) expect(await key()).toBe('key 1');
  expect(clock).toMatchObject({ loads: 2, failures: 1 });
  clock.now += 4 * 60_000;
  await expect(key()).rejects.toThrow('the session has ended');
  // It recovers by itself.
  clock.fails = false;
  expect(await key()).toMatch(/^key \d+$/);
});

test('after a refusal they are loaded anew; if that fails, the old ones are as good as before', async () => {
  const { clock, kept, key } = anHourEach();
  await key();
  kept.forget();
  expect(await key()).toBe('key 2');
  kept.forget();
  clock.fails = true;
  expect(await key()).toBe('key 2');
});
