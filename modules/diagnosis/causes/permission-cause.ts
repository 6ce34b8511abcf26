import type { RuleId } from '../../findings/catalogue';
import { type Cause, type Judgement, notLookedAt, RULED_OUT } from '../cause';
import type { Facts } from '../facts';
import { permissionVerdict, type Refusal } from '../permission';
import { seenOf, worksHere } from '../words';
import { passwordLoginInRdsIam } from './password-login-in-rds-iam';

/** One line of a short list for all that IAM may say. */
export const NOT_ALLOWED =
  'IAM does not let the identity that signs connect: a policy is missing, names another id or another login, or is attached to somebody else; a Deny, a boundary, a session policy or the organization stands in the way (an administrator can tell: doctor … --as <role>)';

/**
 * A cause that IAM decides.
 * @param judge what to say of a refusal; undefined: another cause says it
 * @param unseen where what could be read allows it: why that layer may stand in the way all the same; undefined: it cannot
 */
export function permissionCause(
  id: RuleId,
  judge: (refusal: Refusal, facts: Facts) => Judgement | undefined,
  unseen: (by: 'documents' | 'simulation', facts: Facts) => string | undefined = () => undefined,
  suspicionThen = NOT_ALLOWED,
): Cause {
  return {
    id,
    step: 'permission',
    suspicion: (facts) => (permissionVerdict(facts).is === 'allowed' ? suspicionThen : NOT_ALLOWED),
    judge: (facts) => {
      // This identity may connect, and who uses a password is not judged by IAM.
      if (worksHere(facts) || passwordLoginInRdsIam.judge(facts).is === 'found') return RULED_OUT;
      const verdict = permissionVerdict(facts);
      if (verdict.is === 'not known') return notLookedAt(verdict.why);
      if (verdict.is === 'refused') return judge(verdict.by, facts) ?? RULED_OUT;
      // Only a login that IAM has refused, or may have, asks for what nobody can see.
      const why =
        verdict.by === 'login' || seenOf(facts) === undefined ? undefined : unseen(verdict.by, facts);
      return why === undefined ? RULED_OUT : notLookedAt(why);
    },
  };
}
