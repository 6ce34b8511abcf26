import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { tokenCommand } from '../words';
import { SIGNED_FOR_ANOTHER } from './token-suspicions';

export const tokenOtherService: Cause = {
  id: 'token-other-service',
  step: 'token',
  suspicion: SIGNED_FOR_ANOTHER,
  judge: (facts) => {
    const { token } = facts;
    if (!('value' in token)) return notLookedAt(token.notKnown);
    const { parts } = token.value;
    if (!parts) return notLookedAt('the token cannot be read to its end');
    const { action, algorithm, scope, signedHeaders } = parts;
    const faults = [
      ...(action === 'connect'
        ? []
        : [`is for ${/^\w{1,20}$/.test(action) ? `the action ${action}` : 'another action'}, not connect`]),
      ...(scope.service === 'rds-db' ? [] : [`is signed for the service ${scope.service}, not rds-db`]),
      ...(algorithm === 'AWS4-HMAC-SHA256' ? [] : ['is not signed with AWS4-HMAC-SHA256']),
      ...(signedHeaders === 'host' ? [] : ['signs other headers than host alone']),
    ];
    return faults.length === 0
      ? RULED_OUT
      : found(
          'token-other-service',
          'the token',
          faults.join(', and '),
          `make it with: ${tokenCommand(facts)}`,
        );
  },
};
