import { readEndpoint } from '../../names/endpoint';
import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { knownOf } from '../facts';
import { SIGNED_ELSEWHERE } from './token-suspicions';

export const tokenOtherRegion: Cause = {
  id: 'token-other-region',
  step: 'token',
  suspicion: SIGNED_ELSEWHERE,
  judge: (facts) => {
    const { token } = facts;
    if (!('value' in token)) return notLookedAt(token.notKnown);
    const { parts } = token.value;
    if (!parts) return notLookedAt('the token cannot be read to its end');
    const own = readEndpoint(parts.host);
    // The endpoint in the token itself says its region, where nothing else does.
    const expected = knownOf(facts.endpoint)?.endpoint;
    const region =
      knownOf(facts.cluster)?.found && knownOf(facts.cluster)?.region
        ? knownOf(facts.cluster)?.region
        : ((expected?.kind === 'none' ? undefined : expected?.region) ??
          (own.kind === 'none' ? undefined : own.region));
    if (region === undefined) return notLookedAt('nothing says in which region the database is');
    return parts.scope.region === region
      ? RULED_OUT
      : found(
          'token-other-region',
          'the token',
          `is signed for the region ${parts.scope.region}, and the database is in ${region}`,
          `sign for ${region}: --region ${region}, or AWS_REGION`,
        );
  },
};
