import type { RuleId } from '../../findings/catalogue';
import { type Cause, type Judgement, notLookedAt, RULED_OUT } from '../cause';
import type { Facts } from '../facts';
import { permissionVerdict, type Refusal } from '../permission';

/** One line of a short list for all that IAM may say. */
export const NOT_ALLOWED =
  'IAM does not let the identity that signs connect: a policy is missing, names another id or another login, or is attached to somebody else; a Deny, a boundary, a session policy or the organization stands in the way';

/** A cause that IAM decides. @param judge what to say of a refusal; undefined: another cause says it */
export function permissionCause(
  id: RuleId,
  judge: (refusal: Refusal, facts: Facts) => Judgement | undefined,
): Cause {
  return {
    id,
    step: 'permission',
    suspicion: NOT_ALLOWED,
    judge: (facts) => {
      const verdict = permissionVerdict(facts);
      if (verdict.is === 'not known') return notLookedAt(verdict.why);
      return verdict.is === 'allowed' ? RULED_OUT : (judge(verdict.by, facts) ?? RULED_OUT);
    },
  };
}
