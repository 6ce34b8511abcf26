import { type Cause, notLookedAt, RULED_OUT } from '../cause';

/** Poolers and tools of some years ago kept 1,024 bytes or fewer: https://github.com/pgbouncer/pgbouncer/pull/675 */
const KEPT = 1024;

/** Never found: what the client does with the token afterwards is not to be seen here. */
export const tokenCutByClient: Cause = {
  id: 'token-cut-by-client',
  step: 'token',
  suspicion:
    'the client keeps fewer characters than the token has: psql up to 13 at its prompt 100, older poolers and tools 1,024 or less',
  judge: ({ token }) => {
    if (!('value' in token)) return notLookedAt(token.notKnown);
    return token.value.length > KEPT
      ? notLookedAt(`a token of ${token.value.length} characters is longer than some clients keep`)
      : RULED_OUT;
  },
};
