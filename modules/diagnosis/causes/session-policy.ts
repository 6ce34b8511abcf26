import { found } from '../cause';
import { knownOf } from '../facts';
import { userWords } from '../words';
import { permissionCause } from './permission-cause';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session */
export const sessionPolicy = permissionCause(
  'session-policy',
  (refusal, facts) =>
    refusal.layer === 'session'
      ? found(
          'session-policy',
          `the session policy (${refusal.reason})`,
          `does not allow connecting as ${userWords(facts)}; the policies of the role do`,
          'assume the role without it, or allow rds-db:connect in it',
        )
      : undefined,
  (_by, { permission }) =>
    knownOf(permission.policies)?.caller.kind === 'assumed-role'
      ? 'a session policy is not to be seen from outside: only who assumed the role knows it'
      : undefined,
  'a session policy limits the session: only who assumed the role knows it',
);
