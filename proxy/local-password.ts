import { randomBytes } from 'node:crypto';
import { UserError } from '../clients/error';
import { readPrivateFile, writePrivateFile } from './private-files';
import { formatVerifier, makeVerifier, parseVerifier, type ScramVerifier } from './scram';

/** The verifier of the local password. It stays the same, so that a password that a client has saved goes on working.
 *  @throws UserError if there is none, or if others could have changed it */
export function readVerifier(file: string): ScramVerifier {
  const text = readPrivateFile(file);
  if (text === undefined)
    throw new UserError(
      `There is no local password yet. Make one, which is printed once: aurora-iam proxy --print-password`,
    );
  const verifier = parseVerifier(text.trimEnd());
  if (!verifier)
    throw new UserError(
      `${file} is no verifier of SCRAM-SHA-256. Remove it and make a new password: aurora-iam proxy --print-password`,
    );
  return verifier;
}

/**
 * Makes the local password: 192 bits at random, in characters that need no escape in a URI or a .pgpass file. The file holds its
 * verifier, and nothing holds the password itself.
 * @throws UserError if there is one already
 */
export function makeLocalPassword(file: string): string {
  if (readPrivateFile(file) !== undefined)
    throw new UserError(
      `The local password was printed when it was made, and is kept nowhere. To make another one, remove ${file}; clients that have saved the old one are then refused.`,
    );
  const password = randomBytes(24).toString('base64url');
  writePrivateFile(file, `${formatVerifier(makeVerifier(password))}\n`);
  return password;
}
