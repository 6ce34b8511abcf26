import { settleProtocol } from '../../../clients/wire/protocol-version';

/** Compared with PostgreSQL 15.18, 17.10 and 18.4, byte for byte. */

function startup(minor: number, parameters: string): Buffer {
  const body = Buffer.concat([Buffer.from([0, 3, 0, minor]), Buffer.from(`${parameters}\0`)]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

test.each([
  [17, 0],
  [18, 0],
  [18, 1],
  [18, 2],
])('PostgreSQL %i takes 3.%i as it is', (major, minor) => {
  const raw = startup(minor, 'user\0jane\0options\0-c x=y\0');
  expect(settleProtocol(raw, major)).toEqual({ raw });
});

test.each([
  [15, 2, 'v\0\0\0\x0c\0\x03\0\0\0\0\0\0', 0],
  [17, 1, 'v\0\0\0\x0c\0\x03\0\0\0\0\0\0', 0],
  [18, 9, 'v\0\0\0\x0c\0\x03\0\x02\0\0\0\0', 2],
])('PostgreSQL %i brings 3.%i down', (major, minor, answer, to) => {
  const settled = settleProtocol(startup(minor, 'user\0jane\0'), major);
  expect(settled.answer?.toString('latin1')).toBe(answer);
  expect(settled.raw).toEqual(startup(to, 'user\0jane\0'));
});

test('an option of the protocol that is not known is named, and goes no further', () => {
  const raw = startup(0, 'user\0jane\0_pq_.foo\x001\0database\0orders\0');
  expect(settleProtocol(raw, 18).answer?.toString('latin1')).toBe(
    'v\0\0\0\x15\0\x03\0\0\0\0\0\x01_pq_.foo\0',
  );
  expect(settleProtocol(raw, 18).raw).toEqual(startup(0, 'user\0jane\0database\0orders\0'));
});
