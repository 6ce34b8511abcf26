import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html */
export const customEndpoint: Cause = {
  id: 'custom-endpoint',
  step: 'endpoint',
  suspicion: 'the client uses a custom endpoint',
  judge: ({ endpoint }) => {
    if (!('value' in endpoint)) return notLookedAt(endpoint.notKnown);
    const { endpoint: read } = endpoint.value;
    return read.kind === 'custom'
      ? found(
          'custom-endpoint',
          `host ${read.host}`,
          'is a custom endpoint, and AWS documents that those take no tokens',
          'use the endpoint of the cluster (….cluster-….), of its readers (….cluster-ro-….), or of an instance',
        )
      : RULED_OUT;
  },
};
