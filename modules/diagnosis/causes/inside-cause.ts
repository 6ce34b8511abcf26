import type { RuleId } from '../../findings/catalogue';
import { type Cause, type Judgement, notLookedAt, RULED_OUT } from '../cause';
import type { Facts, InsideLook } from '../facts';
import type { MessageKind } from '../messages/message';
import { seenOf, worksHere } from '../words';

/**
 * A cause that the catalogs of PostgreSQL show.
 * @param shown by the message alone: what it says where nobody could look
 * @param excluded by these messages, which the server would not have given then
 */
export function insideCause({
  id,
  suspicion,
  shown,
  excluded = [],
  judge,
}: {
  readonly id: RuleId;
  readonly suspicion: Cause['suspicion'];
  readonly shown?: { readonly kind: MessageKind; readonly judge: (facts: Facts) => Judgement };
  readonly excluded?: readonly (MessageKind | 'admitted')[];
  readonly judge: (inside: InsideLook, facts: Facts) => Judgement | undefined;
}): Cause {
  return {
    id,
    step: 'database',
    suspicion,
    judge: (facts) => {
      const seen = seenOf(facts);
      if (seen && (seen.kind === 'admitted' || excluded.includes(seen.kind))) return RULED_OUT;
      if ('value' in facts.inside) {
        const judged = judge(facts.inside.value, facts);
        if (judged) return judged;
      }
      if (shown && seen?.kind === shown.kind) return shown.judge(facts);
      // Who was admitted a moment ago is as it should be; what a client sends for a password is another matter.
      if (worksHere(facts) && id !== 'password-login-in-rds-iam') return RULED_OUT;
      return 'value' in facts.inside ? RULED_OUT : notLookedAt(facts.inside.notKnown);
    },
  };
}

/** After these the role is known to be there, and to be in rds_iam. */
export const AFTER_TOKEN = [
  'no-login',
  'no-such-database',
  'no-connect',
  'no-replication',
  'too-many-connections',
] as const satisfies readonly MessageKind[];
