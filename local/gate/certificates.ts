import { X509Certificate as ParsedCertificate, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A server certificate and its private key, PEM, as Node's `tls.createServer` takes them. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority that lives as long as the process: its private key is in memory only. */
export interface CertificateAuthority {
  /** PEM: what a client names as `sslrootcert`, `PGSSLROOTCERT` or `ca`. */
  readonly certificate: string;
  /** A certificate for a server that is reached by these DNS names and IP addresses. */
  issue(names: readonly string[]): Promise<ServerCertificate>;
}

const hour = 60 * 60 * 1000;
const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };

/**
 * Makes an authority whose certificates are valid from an hour ago (clocks differ) for two days.
 * They carry the key identifiers of RFC 5280 4.2.1.1 and 4.2.1.2: Python 3.13 and `openssl -x509_strict` refuse a chain
 * without them.
 */
export async function createCertificateAuthority(): Promise<CertificateAuthority> {
  const keys = await generateKeys();
  const keyIdentifier = await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto);
  const own = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      // The key identifier tells apart the authorities of two runs in one trust store.
      name: [{ CN: [`Local Aurora CA ${keyIdentifier.keyId.slice(0, 8)}`] }],
      ...validity(),
      signingAlgorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        keyIdentifier,
      ],
    },
    webcrypto,
  );

  async function issue(names: readonly string[]): Promise<ServerCertificate> {
    if (names.length === 0)
      throw new Error('A server certificate needs at least one DNS name or IP address.');
    const serverKeys = await generateKeys();
    const certificate = await X509CertificateGenerator.create(
      {
        serialNumber: serialNumber(),
        // Clients look at the alternative names; a common name holds 64 characters, an endpoint may be longer.
        subject: [{ CN: ['Local Aurora'] }],
        issuer: own.subjectName,
        ...validity(),
        signingAlgorithm,
        publicKey: serverKeys.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          new SubjectAlternativeNameExtension(
            names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
          ),
          await SubjectKeyIdentifierExtension.create(serverKeys.publicKey, false, webcrypto),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        ],
      },
      webcrypto,
    );
    return { cert: pem(certificate.rawData), key: await privateKeyPem(serverKeys.privateKey) };
  }

  return { certificate: pem(own.rawData), issue };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}

/** 16 bytes at random, the first between 1 and 127: positive and without a leading zero (RFC 5280 4.1.2.2). */
function serialNumber(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = (bytes.readUInt8(0) & 0x7f) | 0x01;
  return bytes.toString('hex');
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + 48 * hour) };
}

function pem(der: ArrayBuffer): string {
  return new ParsedCertificate(Buffer.from(der)).toString();
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END PRIVATE KEY-----\n`;
}
