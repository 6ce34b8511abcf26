import * as fc from 'fast-check';
import { authentication, errorResponse, message } from '../../clients/wire/typed-messages';
import { StartupTap } from '../../proxy/startup-tap';

const key = Buffer.from([0, 0, 0, 7, ...Array.from({ length: 32 }, (_, index) => index)]);
const SAID = Buffer.concat([
  authentication('ok'),
  message('S', Buffer.from('server_version\x0018.0\0')),
  message('N', Buffer.alloc(40_000, 0x5a)),
  message('K', key),
  message('Z', Buffer.from('I')),
]);

function seen(chunks: readonly Buffer[]): string[] {
  const all: string[] = [];
  const tap = new StartupTap({
    key: ({ bytes }) => all.push(`key ${bytes.equals(key)}`),
    error: (fields) => all.push(`error ${fields.get('C')}`),
    ready: () => all.push('ready'),
  });
  for (const chunk of chunks) tap.see(chunk);
  return all;
}

test('the key and the readiness are seen once, however the bytes are cut', () => {
  const cuts = fc.array(fc.nat(SAID.length), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (at) => {
      const edges = [0, ...[...at].sort((one, other) => one - other), SAID.length];
      const chunks = edges.slice(1).map((edge, index) => SAID.subarray(edges[index], edge));
      expect(seen([...chunks, SAID])).toEqual(['key true', 'ready']);
    }),
  );
});

test('an error in the place of a session is seen', () => {
  const refused = errorResponse([
    ['S', 'FATAL'],
    ['C', '3D000'],
    ['M', 'database "x" does not exist'],
  ]);
  expect(seen([authentication('ok'), refused])).toEqual(['error 3D000']);
});

test('what is no message at all is given up on, without an end', () => {
  expect(seen([Buffer.alloc(1_000), SAID])).toEqual([]);
});
