import type { RuleId } from '../../findings/catalogue';
import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { type Facts, knownOf } from '../facts';
import type { MessageKind } from '../messages/message';
import { seenInOutput } from '../seen';
import { newestLine, seenOf } from '../words';

/** One line of a short list for all that goes wrong at RDS itself. */
const OVERLOADED =
  'RDS itself: more than 200 new connections per second, a host that is short of memory, or an error of its own (the log iam-db-auth-error tells)';

/** A cause that only RDS itself shows: by a line of its logs, or by a metric of IAM authentication. */
export function serviceCause({
  id,
  kinds,
  metric,
  message,
  wayOut,
}: {
  readonly id: RuleId;
  /** Lines of the logs that mean it. */
  readonly kinds: readonly (MessageKind | 'admitted')[];
  readonly metric: string;
  readonly message: string;
  readonly wayOut: string;
}): Cause {
  return {
    id,
    step: 'service',
    suspicion: OVERLOADED,
    judge: (facts) => {
      const seen = seenOf(facts);
      if (seen && kinds.includes(seen.kind)) return found(id, 'RDS', `${message} (${seen.text})`, wayOut);
      if (seen?.kind === 'admitted') return RULED_OUT;
      const line = newestLine(facts);
      if (line && kinds.includes(seenInOutput(line.text).kind))
        return found(id, 'RDS', `${message}, as it has logged at ${line.at.toISOString()}`, wayOut);
      const count = knownOf(facts.metrics)?.[metric] ?? 0;
      if (count > 0) return found(id, 'RDS', `${message}: ${metric} is ${count} in the last hour`, wayOut);
      if ('value' in facts.metrics || 'value' in facts.log) return RULED_OUT;
      return notLookedAt(bothReasons(facts));
    },
  };
}

function bothReasons({ log, metrics }: Facts): string {
  const reasons = [log, metrics].flatMap((fact) => ('notKnown' in fact ? [fact.notKnown] : []));
  return [...new Set(reasons)].join('; ');
}
