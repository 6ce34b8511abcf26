import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html */
export const noEndpoint: Cause = {
  id: 'no-endpoint',
  step: 'endpoint',
  suspicion: 'the client signs for another name than the endpoint: an alias, localhost, an address',
  judge: ({ endpoint, told }) => {
    if (!('value' in endpoint)) return notLookedAt(endpoint.notKnown);
    const { endpoint: read, given, alias } = endpoint.value;
    if (read.kind === 'none')
      return found(
        'no-endpoint',
        `host ${given}`,
        `${read.message.replace(/, which a token must be signed for$/, '')}, and a token must be signed for the endpoint of RDS`,
        read.wayOut,
      );
    // Followed to its endpoint, which is signed for here: somebody else's client may sign for the name itself.
    return alias && told
      ? notLookedAt(`${given} is a name of your own for ${read.host}: a client that signs for it is refused`)
      : RULED_OUT;
  },
};
