import type { Access } from '../environment/access';
import type { Environment } from '../environment/environment';
import { iamParts } from '../names/arn';
import { isKnownLater } from '../names/later';
import { namedIdentity } from './principals';

// What is allowed, and probably not what was meant. Synthesis warns of it.

/** A statement that is aborted sooner than this is rarely meant: somebody thought of seconds. */
const SHORT_TIMEOUT = 1000;

export function timeoutNotes({ logins }: Access): string[] {
  return Object.entries(logins).flatMap(([name, { statementTimeout }]) =>
    statementTimeout !== undefined && statementTimeout < SHORT_TIMEOUT
      ? [
          `Login ${name} has statementTimeout: ${statementTimeout}, which is in milliseconds: statements are aborted after ${statementTimeout} ms. For ${statementTimeout} seconds write ${statementTimeout * 1000}.`,
        ]
      : [],
  );
}

/** Every identity that several principals name: it may connect as the logins of all of them. */
export function sharedIdentityNotes({ principals }: Pick<Environment, 'principals'>): string[] {
  const keysOf = new Map<string, string[]>();
  for (const [key, principal] of Object.entries(principals)) {
    const identity =
      principal.kind === 'newRole' ? { kind: 'role', name: principal.name } : namedIdentity(principal);
    // A reference names nothing yet.
    if (!identity || isKnownLater(identity.name)) continue;
    const name = (iamParts(identity.name)?.name ?? identity.name).split('/').at(-1) ?? '';
    // IAM does not tell upper from lower case in names.
    const shared = `${identity.kind} ${name.toLowerCase()}`;
    keysOf.set(shared, [...(keysOf.get(shared) ?? []), key]);
  }
  return [...keysOf]
    .filter(([, keys]) => keys.length > 1)
    .map(
      ([identity, keys]) =>
        `Principals ${keys.join(' and ')} are the same IAM ${identity}: it may connect as the logins of all of them. One principal with all of these in connectsAs says so in one place.`,
    );
}
