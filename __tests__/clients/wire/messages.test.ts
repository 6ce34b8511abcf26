import { PassThrough, type Readable } from 'node:stream';
import {
  fatalError,
  MAXIMUM_PASSWORD_BYTES,
  MAXIMUM_STARTUP_BYTES,
  parseStartupPacket,
  readPasswordMessage,
  readStartupPacket,
} from '../../../clients/wire/messages';

/** A startup packet of protocol 3.0 with these bytes behind the version. */
function packet(body: string, code = 196_608): Buffer {
  const raw = Buffer.alloc(8 + Buffer.byteLength(body));
  raw.writeInt32BE(raw.length, 0);
  raw.writeInt32BE(code, 4);
  raw.write(body, 8);
  return raw;
}

function password(body: Buffer, length = body.length + 4): Buffer {
  const head = Buffer.from('p\0\0\0\0');
  head.writeInt32BE(length, 1);
  return Buffer.concat([head, body]);
}

function streamOf(...chunks: Buffer[]): Readable {
  const stream = new PassThrough();
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return stream;
}

describe('a startup message is read as PostgreSQL reads it', () => {
  test('user and database', () => {
    const raw = packet('user\0jane\0database\0orders\0\0');
    expect(parseStartupPacket(raw)).toEqual({
      kind: 'startup-message',
      raw,
      user: 'jane',
      database: 'orders',
      replication: false,
    });
  });

  test('the database is the user’s name where none is given', () => {
    expect(parseStartupPacket(packet('user\0jane\0\0'))).toMatchObject({ database: 'jane' });
    expect(parseStartupPacket(packet('user\0jane\0database\0\0\0'))).toMatchObject({ database: 'jane' });
  });

  test('a name given twice: the later one wins, so that nobody is judged as somebody else', () => {
    expect(parseStartupPacket(packet('user\0jane\0user\0postgres\0\0'))).toMatchObject({ user: 'postgres' });
  });

  test.each([
    ['true', true],
    ['database', true],
    ['1', true],
    ['off', false],
    ['F', false],
    ['0', false],
  ])('replication=%s', (value, replication) => {
    expect(parseStartupPacket(packet(`user\0jane\0replication\0${value}\0\0`))).toMatchObject({
      replication,
    });
  });

  test.each([
    ['no user', 'database\0orders\0\0'],
    ['an empty user', 'user\0\0\0'],
    ['no end', 'user\0jane\0'],
    ['a name without a value', 'user\0jane\0database\0'],
    ['bytes behind the end', 'user\0jane\0\0more'],
    ['nothing at all', ''],
  ])('%s is left to PostgreSQL', (_, body) => {
    expect(parseStartupPacket(packet(body))).toMatchObject({ kind: 'not-understood' });
  });

  test('another protocol version is left to PostgreSQL', () => {
    const old = packet('user\0jane\0\0', 131_072);
    expect(parseStartupPacket(old)).toMatchObject({ kind: 'not-understood' });
  });

  test.each([
    [80_877_102, 'cancel-request'],
    [80_877_103, 'ssl-request'],
    [80_877_104, 'gssenc-request'],
  ])('%i is a %s', (code, kind) => {
    expect(parseStartupPacket(packet('', code))).toMatchObject({ kind });
  });
});

describe('reading from a stream', () => {
  test('what follows the packet stays there', async () => {
    const stream = streamOf(packet('user\0jane\0\0'), Buffer.from('and more'));
    expect(await readStartupPacket(stream)).toMatchObject({ user: 'jane' });
    expect(String(stream.read())).toBe('and more');
  });

  test('a packet may come byte by byte', async () => {
    const bytes = [...packet('user\0jane\0\0')].map((byte) => Buffer.from([byte]));
    expect(await readStartupPacket(streamOf(...bytes))).toMatchObject({ user: 'jane' });
  });

  test('half a packet is waited for without work', async () => {
    const raw = packet('user\0jane\0\0');
    const stream = new PassThrough();
    const read = jest.spyOn(stream, 'read');
    stream.write(raw.subarray(0, 10));
    const reading = readStartupPacket(stream);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(read.mock.calls.length).toBeLessThan(20);
    stream.write(raw.subarray(10));
    expect(await reading).toMatchObject({ user: 'jane' });
  });

  test('a TLS handshake stays whole', async () => {
    const hello = Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]);
    const stream = streamOf(hello);
    expect(await readStartupPacket(stream)).toEqual({ kind: 'direct-tls' });
    expect(Buffer.concat(await stream.toArray())).toEqual(hello);
  });

  test('an end anywhere before the end of the packet is told as undefined', async () => {
    const raw = packet('user\0jane\0\0');
    for (let length = 0; length < raw.length; length += 1)
      expect(await readStartupPacket(streamOf(raw.subarray(0, length)))).toBeUndefined();
  });

  test.each([-1, 0, 4, 7, MAXIMUM_STARTUP_BYTES + 5, 0x7fffffff])(
    'a length word of %i is refused before anything is waited for',
    async (length) => {
      const raw = packet('user\0jane\0\0');
      raw.writeInt32BE(length, 0);
      await expect(readStartupPacket(streamOf(raw))).rejects.toThrow('invalid length of startup packet');
    },
  );

  test('a password of the longest size is read, and what follows it stays', async () => {
    const text = 'x'.repeat(MAXIMUM_PASSWORD_BYTES - 1);
    const stream = streamOf(password(Buffer.from(`${text}\0`)), Buffer.from('Q'));
    expect(await readPasswordMessage(stream)).toBe(text);
    expect(String(stream.read())).toBe('Q');
  });

  test.each([
    ['too long', password(Buffer.alloc(10), MAXIMUM_PASSWORD_BYTES + 5)],
    ['a negative length', password(Buffer.alloc(10), -5)],
    ['no length', password(Buffer.alloc(0), 4)],
    ['no NUL at its end', password(Buffer.from('secret'))],
    ['a NUL inside', password(Buffer.from('sec\0ret\0'))],
    ['another message', Buffer.from('Q\0\0\0\x0aselect\0')],
  ])('a password message is refused: %s', async (_, message) => {
    await expect(readPasswordMessage(streamOf(message))).rejects.toThrow(/password/);
  });

  test('a destroyed stream is told as undefined', async () => {
    const stream = new PassThrough();
    const reading = readPasswordMessage(stream);
    stream.destroy();
    expect(await reading).toBeUndefined();
    expect(stream.listenerCount('readable')).toBe(0);
  });
});

test('an error message counts bytes, not characters', () => {
  const message = fatalError('28000', 'no entry for user "jané"');
  expect(message.readInt32BE(1)).toBe(message.length - 1);
  expect(message.toString()).toContain('C28000\0Mno entry for user "jané"\0\0');
});
