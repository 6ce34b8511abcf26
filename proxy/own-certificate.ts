import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { readPrivateFile, writePrivateFile } from './private-files';

// A certificate for `localhost`, signed by its own key, for clients that insist on TLS. Node reads certificates but makes none,
// and the packages that do bring a dozen others with them: these are the forty lines of RFC 5280 that one certificate needs.

export interface OwnCertificate {
  /** PEM: also what a client may name as `sslrootcert`. */
  readonly cert: string;
  readonly key: string;
}

const DAY = 24 * 60 * 60 * 1000;
/** Clients of Apple take none that is valid for longer. */
const VALID_DAYS = 825;
const RENEW_DAYS = 30;

/** The certificate of this user, kept in two files, and made anew a month before it expires. @throws UserError */
export function ownCertificate(certFile: string, keyFile: string, now = Date.now()): OwnCertificate {
  const [cert, key] = [readPrivateFile(certFile), readPrivateFile(keyFile)];
  if (cert !== undefined && key !== undefined && isGood(cert, now)) return { cert, key };
  const made = makeCertificate(now);
  writePrivateFile(keyFile, made.key);
  writePrivateFile(certFile, made.cert);
  return made;
}

function isGood(pem: string, now: number): boolean {
  try {
    return Date.parse(new X509Certificate(pem).validTo) - now > RENEW_DAYS * DAY;
  } catch {
    return false;
  }
}

/** For `localhost`, 127.0.0.1 and ::1. */
export function makeCertificate(now: number): OwnCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  // Of the bits of the key, which end the SPKI of this curve (RFC 5280 4.2.1.2).
  const keyId = createHash('sha1').update(spki.subarray(-65)).digest();
  const name = sequence(set(sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from('aurora-iam proxy')))));
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x01, 0);
  const extensions = sequence(
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', tlv(0x03, Buffer.from([7, 0x80])), true),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))),
    extension(
      '2.5.29.17',
      sequence(
        tlv(0x82, Buffer.from('localhost')),
        tlv(0x87, Buffer.from([127, 0, 0, 1])),
        tlv(0x87, Buffer.from([...Buffer.alloc(15), 1])),
      ),
    ),
    extension('2.5.29.14', tlv(0x04, keyId)),
  );
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    algorithm,
    name,
    sequence(time(now - DAY), time(now + VALID_DAYS * DAY - DAY)),
    name,
    spki,
    tlv(0xa3, extensions),
  );
  const signature = tlv(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const der = sequence(body, algorithm, signature);
  return {
    cert: new X509Certificate(der).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** DER: a tag, the length, and what it holds. */
function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function set(part: Buffer): Buffer {
  return tlv(0x31, part);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const base128 = (value: number): number[] => {
    const bytes = [value & 0x7f];
    for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
    return bytes;
  };
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [tlv(0x01, Buffer.from([0xff]))] : []), tlv(0x04, value));
}

/** UTCTime, which RFC 5280 demands up to 2049. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '');
  return tlv(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}
