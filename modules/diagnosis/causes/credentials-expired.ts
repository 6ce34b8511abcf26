import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export const credentialsExpired: Cause = {
  id: 'credentials-expired',
  step: 'identity',
  suspicion: 'the credentials that signed the token have expired',
  judge: ({ signer, now, asked }) => {
    // Whose credentials signed a token of somebody else's is not to be seen here.
    if (asked.ownToken) return notLookedAt('only who signed the token knows when those credentials end');
    if (!('value' in signer)) return notLookedAt(signer.notKnown);
    const { fault, expires, source } = signer.value;
    const over = expires !== undefined && expires <= now;
    if (fault?.kind !== 'expired' && !over) return RULED_OUT;
    const since = over ? ` at ${expires.toISOString()}` : '';
    return found(
      'credentials-expired',
      `the credentials from ${source}`,
      `have expired${since}: a token that they sign is refused, however new it is`,
      /SSO|Identity Center/.test(source)
        ? 'run aws sso login, then sign a new token'
        : 'get new ones, then sign a new token; AWS_SESSION_TOKEN must be new, too',
    );
  },
};
