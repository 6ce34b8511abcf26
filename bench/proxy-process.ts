import { readFileSync } from 'node:fs';
import { createDialer } from '../proxy/dialer';
import { startProxy } from '../proxy/proxy';
import { makeVerifier } from '../proxy/scram';

// The proxy that is measured, as a process of its own: `proxy-process.js <port of the server> <file of authorities> <login> <password>`.
// PostgreSQL knows no tokens. So one is signed for each connection, and the password is sent in its place.

const [, , port = '', ca = '', login = '', password = ''] = process.argv;
const dialer = createDialer({ remark: () => {} });
const signing: number[] = [];

startProxy({
  entrances: [
    {
      address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      routes: [
        {
          name: 'bench',
          isDefault: true,
          logins: [login],
          databases: [],
          to: { kind: 'endpoint', host: 'localhost', port: Number(port), region: 'eu-west-1' },
          credentials: {},
          through: { host: '127.0.0.1', port: Number(port) },
          certificateAuthority: readFileSync(ca, 'utf8'),
        },
      ],
    },
  ],
  dialer: {
    ...dialer,
    async token(...given) {
      const start = performance.now();
      await dialer.token(...given);
      signing.push(performance.now() - start);
      return password;
    },
  },
  log: () => {},
  verifier: makeVerifier(password),
  secureContext: undefined,
}).then((proxy) => {
  const [address] = proxy.addresses;
  process.send?.({ port: address?.kind === 'tcp' ? address.port : 0 });
  process.on('message', () => {
    const sorted = [...signing].sort((one, other) => one - other);
    process.send?.({
      rss: process.memoryUsage().rss,
      connections: proxy.status().connections,
      signing: sorted[Math.floor(sorted.length / 2)],
    });
  });
});
process.on('disconnect', () => process.exit());
