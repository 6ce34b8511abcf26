import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { byTemporaryKey, type TokenReading } from '../token-reading';
import { CHANGED } from './token-suspicions';

export const tokenDamaged: Cause = {
  id: 'token-damaged',
  step: 'token',
  suspicion: CHANGED,
  judge: ({ token }) => {
    if (!('value' in token)) return notLookedAt(token.notKnown);
    const { damage, fault, isOther } = token.value;
    const form = [...damage.filter(({ kind }) => kind === 'form'), ...withoutSession(token.value)];
    if (isOther || (form.length === 0 && fault === undefined)) return RULED_OUT;
    const messages = [
      ...form.map(({ message }) => message),
      ...(fault === undefined ? [] : [fault.replace(/^the (token|password) /, '')]),
    ];
    return found(
      'token-damaged',
      'the token',
      messages.join(', and '),
      form.map(({ wayOut }) => wayOut).join('; ') || 'pass it on as one line, whole, exactly as it was made',
    );
  },
};

function withoutSession({ parts }: TokenReading): { readonly message: string; readonly wayOut: string }[] {
  if (parts === undefined || !byTemporaryKey(parts) || parts.securityTokenLength !== undefined) return [];
  return [
    {
      message: 'is signed with a temporary access key (ASIA…) but has no X-Amz-Security-Token',
      wayOut:
        'give the signer all of the credentials: AWS_SESSION_TOKEN beside AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    },
  ];
}
