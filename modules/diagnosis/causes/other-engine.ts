import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';

export const otherEngine: Cause = {
  id: 'other-engine',
  step: 'cluster',
  suspicion: 'the cluster is not PostgreSQL',
  judge: ({ cluster }) => {
    if (!('value' in cluster)) return notLookedAt(cluster.notKnown);
    const { kind, identifier, found: there } = cluster.value;
    if (!there) return notLookedAt('the look-up found nothing');
    return /postgres/i.test(there.engine)
      ? RULED_OUT
      : found(
          'other-engine',
          `${kind} ${identifier}`,
          `is ${there.engine}, and this is the way into PostgreSQL`,
          'take the identifier of the PostgreSQL cluster',
        );
  },
};
