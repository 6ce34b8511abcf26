import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { seenOf } from '../words';
import { CHANGED } from './token-suspicions';

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS */
export const tokenEncoded: Cause = {
  id: 'token-encoded',
  step: 'token',
  suspicion: CHANGED,
  judge: (facts) => {
    const { token } = facts;
    if (seenOf(facts)?.kind === 'token-in-uri')
      return found(
        'token-encoded',
        'the token',
        'stands in the connection URI as it is, so its ? and & end the password there',
        'percent-encode it there (aurora-iam token --format uri), or give it in PGPASSWORD',
      );
    if (!('value' in token)) return notLookedAt(token.notKnown);
    const { damage, isOther } = token.value;
    const encoding = damage.filter(({ kind }) => kind === 'encoding');
    if (isOther || encoding.length === 0) return RULED_OUT;
    return found(
      'token-encoded',
      'the token',
      encoding.map(({ message }) => message).join(', and '),
      encoding.map(({ wayOut }) => wayOut).join('; '),
    );
  },
};
