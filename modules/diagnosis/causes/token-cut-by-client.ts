import { TOKEN_LIMITS } from '../../iam/token-limits';
import { type Cause, notLookedAt, RULED_OUT } from '../cause';
import type { TokenReading } from '../token-reading';

/** Never found: what the client does with the token afterwards is not to be seen here. */
export const tokenCutByClient: Cause = {
  id: 'token-cut-by-client',
  step: 'token',
  suspicion:
    'the client keeps fewer characters than the token has: psql up to 13 at its prompt, older poolers',
  judge: ({ token, told }) => {
    if (!('value' in token)) return notLookedAt(token.notKnown);
    const clients = cuttingClients(token.value);
    // This tool cuts nothing: only somebody else's client can.
    return told && clients.length > 0
      ? notLookedAt(`a token of ${token.value.length} characters is cut by ${clients.join(' ')}`)
      : RULED_OUT;
  },
};

/** `PgBouncer 1.16 and older (996)` */
export function cuttingClients({ length }: TokenReading): string[] {
  return Object.values(TOKEN_LIMITS)
    .filter(({ keeps }) => keeps < length)
    .map(({ client, keeps }) => `${client.replace(/,$/, '')} (keeps ${keeps})`);
}
