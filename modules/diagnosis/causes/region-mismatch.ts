import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { SIGNED_ELSEWHERE } from './token-suspicions';

/** The region is part of what is signed. */
export const regionMismatch: Cause = {
  id: 'region-mismatch',
  step: 'endpoint',
  suspicion: SIGNED_ELSEWHERE,
  judge: ({ endpoint }) => {
    if (!('value' in endpoint)) return notLookedAt(endpoint.notKnown);
    const { endpoint: read, regionGiven, region } = endpoint.value;
    if (read.kind === 'none')
      return notLookedAt('the host is not an endpoint of RDS, so it does not tell the region');
    if (read.region !== undefined && regionGiven !== undefined && regionGiven !== read.region)
      return found(
        'region-mismatch',
        `host ${read.host}`,
        `is in ${read.region}, and the token is signed for ${regionGiven}`,
        `sign for ${read.region}: leave --region out, or write --region ${read.region}`,
      );
    if (region === undefined)
      return notLookedAt(
        'nothing tells in which region the global database has its writer: rds:DescribeGlobalClusters is missing; give --region',
      );
    return RULED_OUT;
  },
};
