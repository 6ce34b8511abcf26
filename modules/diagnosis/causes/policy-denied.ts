import { found } from '../cause';
import { userWords } from '../words';
import { permissionCause } from './permission-cause';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
export const policyDenied = permissionCause('policy-denied', (refusal, facts) =>
  refusal.layer === 'deny'
    ? found(
        'policy-denied',
        refusal.reason.replace(/^explicit Deny: /, ''),
        `denies connecting as ${userWords(facts)}, and a Deny wins over every Allow`,
        'change or remove that statement; after "Revoke active sessions", assume the role again',
      )
    : undefined,
);
