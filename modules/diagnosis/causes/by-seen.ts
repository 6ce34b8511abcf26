import type { RuleId } from '../../findings/catalogue';
import { type Cause, found, notLookedAt, RULED_OUT, type Step } from '../cause';
import type { Facts } from '../facts';
import type { MessageKind } from '../messages/message';
import { hostWords, seenOf } from '../words';

type Said = string | ((facts: Facts) => string);

/** A cause that one kind of message proves. What the client has said is added to the message. */
export function bySeen({
  id,
  step,
  kind,
  suspicion,
  message,
  wayOut,
}: {
  readonly id: RuleId;
  readonly step: Step;
  readonly kind: MessageKind;
  readonly suspicion: string;
  readonly message: Said;
  readonly wayOut: Said;
}): Cause {
  return {
    id,
    step,
    suspicion,
    judge: (facts) => {
      const seen = seenOf(facts);
      if (seen === undefined) return notLookedAt('no login was tried');
      if (seen.kind !== kind) return RULED_OUT;
      const { through } = facts.asked;
      const where = through === undefined || step === 'tls' ? hostWords(facts) : `${through} (the tunnel)`;
      const inWords = (said: Said) => (typeof said === 'string' ? said : said(facts));
      return found(id, where, `${inWords(message)} (${seen.text})`, inWords(wayOut));
    },
  };
}
