import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { seenOf, tokenCommand } from '../words';
import { CHANGED } from './token-suspicions';

export const notAToken: Cause = {
  id: 'not-a-token',
  step: 'token',
  suspicion: CHANGED,
  judge: (facts) => {
    const { token } = facts;
    if (!('value' in token)) {
      return seenOf(facts)?.kind === 'empty-password'
        ? found(
            'not-a-token',
            'the client',
            'sent no password and no token',
            `make one by itself, and look at it: ${tokenCommand(facts)}`,
          )
        : notLookedAt(token.notKnown);
    }
    const { isOther, length } = token.value;
    if (!isOther) return RULED_OUT;
    return found(
      'not-a-token',
      'the text',
      length === 0
        ? 'is empty: the command that should make the token printed nothing'
        : 'is not an IAM token; a token looks like <host>:<port>/?Action=connect&DBUser=…',
      `make one by itself, and look at it: ${tokenCommand(facts)}`,
    );
  },
};
