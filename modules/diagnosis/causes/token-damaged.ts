import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { CHANGED } from './token-suspicions';

export const tokenDamaged: Cause = {
  id: 'token-damaged',
  step: 'token',
  suspicion: CHANGED,
  judge: ({ token }) => {
    if (!('value' in token)) return notLookedAt(token.notKnown);
    const { damage, fault, isOther } = token.value;
    const form = damage.filter(({ kind }) => kind === 'form');
    if (isOther || (form.length === 0 && fault === undefined)) return RULED_OUT;
    const messages = [
      ...form.map(({ message }) => message),
      ...(fault === undefined ? [] : [fault.replace(/^the token /, '')]),
    ];
    return found(
      'token-damaged',
      'the token',
      messages.join(', and '),
      form.map(({ wayOut }) => wayOut).join('; ') || 'pass it on as one line, whole, exactly as it was made',
    );
  },
};
