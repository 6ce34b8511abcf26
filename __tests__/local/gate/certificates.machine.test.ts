import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect, createServer, type Server } from 'node:tls';
import { type CertificateAuthority, createCertificateAuthority } from '../../../local/gate/certificates';

/** An endpoint longer than a common name may be. */
const endpoint = `${'orders-'.repeat(8)}dev.cluster-c0ffee000000.eu-west-1.rds.amazonaws.com`;

let authority: CertificateAuthority;
let issued: { cert: string; key: string };
let server: Server;

beforeAll(async () => {
  authority = await createCertificateAuthority();
  issued = await authority.issue([endpoint, 'localhost', '127.0.0.1', '::1']);
  server = createServer(issued, (socket) => socket.end('hello')).listen(0, '127.0.0.1');
  // A client that refuses the certificate is what some tests want.
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
});

afterAll(async () => {
  server.close();
  await once(server, 'close');
});

/** What a client that checks everything reads from the server; it believes to talk to `servername`, else to 127.0.0.1. */
async function greeting(options: ConnectionOptions): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', ca: authority.certificate, ...options });
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  await once(socket, 'end');
  return text;
}

describe('a client that trusts the authority', () => {
  test.each([endpoint, 'localhost'])('accepts the server as %s', async (servername) => {
    expect(await greeting({ servername })).toBe('hello');
  });

  test('accepts the server by its IP address', async () => {
    expect(await greeting({})).toBe('hello');
  });

  test.each(['elsewhere.example', `x.${endpoint}`])('refuses it as %s', async (servername) => {
    await expect(greeting({ servername })).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});

test('a client that trusts another authority refuses the server', async () => {
  const { certificate } = await createCertificateAuthority();
  await expect(greeting({ servername: endpoint, ca: certificate })).rejects.toMatchObject({
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  });
});

describe('a certificate', () => {
  test('names hosts as hosts and addresses as addresses', () => {
    const certificate = new X509Certificate(issued.cert);
    expect(certificate.subjectAltName).toBe(
      `DNS:${endpoint}, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1`,
    );
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
  });

  test('is signed by the authority, which is one, and is none itself', () => {
    const [leaf, ca] = [new X509Certificate(issued.cert), new X509Certificate(authority.certificate)];
    expect([ca.ca, leaf.ca]).toEqual([true, false]);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(issued.key))).toBe(true);
  });

  test('carries the key identifiers that strict clients ask for', () => {
    // The object identifiers of RFC 5280 4.2.1.1 and 4.2.1.2 as they stand in DER.
    const [authorityKey, subjectKey] = [Buffer.from('0603551d23', 'hex'), Buffer.from('0603551d0e', 'hex')];
    const leaf = new X509Certificate(issued.cert).raw;
    expect([leaf.includes(authorityKey), leaf.includes(subjectKey)]).toEqual([true, true]);
    expect(new X509Certificate(authority.certificate).raw.includes(subjectKey)).toBe(true);
  });

  test('is valid now, for some days, and has a serial number and a key of its own', async () => {
    const [one, other] = [
      new X509Certificate(issued.cert),
      new X509Certificate((await authority.issue(['localhost'])).cert),
    ];
    expect(Date.parse(one.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(one.validTo) - Date.now()).toBeGreaterThan(24 * 3600 * 1000);
    expect(Date.parse(one.validTo) - Date.now()).toBeLessThan(7 * 24 * 3600 * 1000);
    expect(one.serialNumber).not.toBe(other.serialNumber);
    expect(one.publicKey.equals(other.publicKey)).toBe(false);
  });

  test('is refused without a name', async () => {
    await expect(authority.issue([])).rejects.toThrow('at least one');
  });
});
