import { readEndpoint } from '../../names/endpoint';
import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { type Facts, knownOf } from '../facts';
import { tokenCommand } from '../words';
import { SIGNED_ELSEWHERE } from './token-suspicions';

export const tokenOtherHost: Cause = {
  id: 'token-other-host',
  step: 'token',
  suspicion: SIGNED_ELSEWHERE,
  judge: (facts) => {
    const { token } = facts;
    if (!('value' in token)) return notLookedAt(token.notKnown);
    const host = shown(facts, 'host');
    const port = shown(facts, 'port');
    if (host === undefined || port === undefined) return notLookedAt('the token names no host');
    const look = knownOf(facts.endpoint);
    // Signed for what was given as the host, and that is told already.
    if (look?.endpoint.kind === 'none' && look.given === host) return RULED_OUT;
    const expected = expectedEndpoints(facts);
    if (expected === undefined) {
      const read = readEndpoint(host);
      return read.kind === 'none'
        ? found('token-other-host', 'the token', `is signed for ${host}, which ${read.message}`, read.wayOut)
        : notLookedAt('nothing says which endpoint is meant: give --host');
    }
    const right = expected.hosts.includes(host) && Number(port) === expected.port;
    if (right) return RULED_OUT;
    const capitals = expected.hosts.includes(host.toLowerCase().replace(/\.$/, ''));
    return found(
      'token-other-host',
      'the token',
      `is signed for ${host}:${port}, and the endpoint is ${expected.hosts[0]}:${expected.port}${capitals ? ', in small letters and without a dot at its end' : ''}`,
      `sign for the endpoint, also behind a tunnel: ${tokenCommand(facts)}`,
    );
  },
};

function shown({ token }: Facts, wanted: string): string | undefined {
  return knownOf(token)?.shown.find(({ name }) => name === wanted)?.value;
}

/** What AWS says of the cluster, or else what was given as the host. */
function expectedEndpoints(
  facts: Facts,
): { readonly hosts: readonly string[]; readonly port: number } | undefined {
  const look = knownOf(facts.endpoint);
  const there = knownOf(facts.cluster)?.found;
  const given = look && look.endpoint.kind !== 'none' ? [look.endpoint.host] : [];
  const hosts = [...new Set([...given, ...(there?.endpoints ?? [])])];
  const port = there?.port ?? look?.port;
  return hosts.length === 0 || port === undefined ? undefined : { hosts, port };
}
