import { type Facts, notKnown } from './facts';

/** Nothing was looked at. @param why for each of them */
export function unknownFacts(now: Date, why: string): Facts {
  const fact = notKnown(why);
  return {
    now,
    asked: { user: undefined, database: 'postgres', replication: false, ownToken: false },
    endpoint: fact,
    signer: fact,
    cluster: fact,
    clock: fact,
    token: fact,
    permission: { policies: fact, simulation: fact, others: fact },
    inside: fact,
    tried: fact,
    told: undefined,
    log: fact,
    metrics: fact,
  };
}
