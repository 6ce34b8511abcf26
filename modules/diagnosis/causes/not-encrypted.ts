import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { seenOf } from '../words';

/** https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS */
export const notEncrypted: Cause = {
  id: 'not-encrypted',
  step: 'tls',
  suspicion: 'the client connects without TLS',
  judge: (facts) => {
    const seen = seenOf(facts);
    if (seen === undefined) return notLookedAt('no login was tried');
    if (seen.kind === 'no-tls')
      return found(
        'not-encrypted',
        'what answered',
        `offers no TLS, and every cluster does (${seen.text})`,
        'look at the host, the port and the tunnel: this is not RDS',
      );
    return seen.kind === 'no-encryption'
      ? found(
          'not-encrypted',
          'the connection',
          'is not encrypted, and a login by token must be',
          'set sslmode=verify-full and sslrootcert (PGSSLMODE, PGSSLROOTCERT), or use aurora-iam connect, which does',
        )
      : RULED_OUT;
  },
};
