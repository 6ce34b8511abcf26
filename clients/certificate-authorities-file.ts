import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { rdsCertificateAuthorities } from '../modules/connect/certificate-authorities';
import { UserError } from './error';

/**
 * A file of the authorities of RDS that stays where it is, for clients that are told its name once.
 * It is in the user's folder for caches and is written anew if another version of this package has other authorities.
 * @throws UserError if it cannot be written
 */
export function certificateAuthoritiesFile(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment['XDG_CACHE_HOME'] ?? environment['LOCALAPPDATA'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'aurora-iam');
  const file = join(folder, 'rds-certificate-authorities.pem');
  const text = rdsCertificateAuthorities();
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return file;
  try {
    mkdirSync(folder, { recursive: true });
    // Whoever reads it in the meantime finds the old one, or the new one.
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    throw new UserError(
      `The authorities of RDS could not be written to ${file}: ${(error as Error).message}. Name a file of them with --ca.`,
    );
  }
  return file;
}
