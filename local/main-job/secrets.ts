import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Which files below `directory` hold one of the secrets. @returns paths relative to it */
export function filesWithSecrets(directory: string, secrets: readonly string[]): string[] {
  const needles = secrets.map((secret) => Buffer.from(secret));
  return filesBelow(directory)
    .filter((file) => {
      const content = readFileSync(file);
      return needles.some((needle) => content.includes(needle));
    })
    .map((file) => relative(directory, file));
}

/** What of a token must not be found anywhere: the signature makes it one. */
export function secretsOfToken(token: string): string[] {
  const query = new URLSearchParams(token.slice(token.indexOf('?') + 1));
  const parts = [query.get('X-Amz-Signature'), query.get('X-Amz-Security-Token')];
  return parts.filter((part) => part !== null);
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    // Links lead to the providers, which are not ours.
    return entry.isFile() ? [path] : [];
  });
}
