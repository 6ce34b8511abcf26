import { readEndpoint } from '../names/endpoint';
import { type Facts, knownOf, type LogLine } from './facts';
import type { Seen } from './seen';

/** What is to be explained: what somebody's client has said, or else what became of the login that was tried. */
export function seenOf(facts: Facts): Seen | undefined {
  return facts.told ?? knownOf(facts.tried);
}

/** The login works from here, and somebody else's client says otherwise. */
export function worksHere(facts: Facts): boolean {
  return facts.told !== undefined && knownOf(facts.tried)?.kind === 'admitted';
}

/** `user "analyst"` */
export function userWords({ asked }: Facts): string {
  return asked.user === undefined ? 'the user' : `user "${asked.user}"`;
}

/** Who signs, as the ARN that AWS names. */
export function signerWords(facts: Facts): string {
  const signer = knownOf(facts.signer);
  return signer?.caller?.arn ?? 'the identity that signs';
}

export function hostWords(facts: Facts): string {
  const { endpoint, given } = knownOf(facts.endpoint) ?? {};
  return endpoint === undefined || endpoint.kind === 'none' ? (given ?? 'the host') : endpoint.host;
}

/**
 * The cluster has express configuration. Only a gateway proves it: RDS is not known to leave the field out for other clusters,
 * and one without the gateway looks like them.
 */
export function isExpress({ cluster }: Facts): boolean {
  return knownOf(cluster)?.found?.internetAccessGateway === true;
}

/** The command that signs a token for what is meant. */
export function tokenCommand(facts: Facts): string {
  const { environment, user } = facts.asked;
  if (environment) return `aurora-iam token ${environment.name} ${user ?? '<login>'}`;
  const look = knownOf(facts.endpoint)?.endpoint;
  // Where only a token was given, the endpoint that it is signed for.
  const shown = (name: string) => knownOf(facts.token)?.shown.find((each) => each.name === name)?.value ?? '';
  const inToken = readEndpoint(shown('host'));
  // Only what a shell takes as it stands: the token may come from anybody.
  const userInToken = /^[A-Za-z_][\w.]*$/.exec(shown('DBUser'))?.[0];
  const host = [look, inToken].flatMap((each) => (each && each.kind !== 'none' ? [each.host] : []))[0];
  return `aurora-iam token --host ${host ?? '<endpoint>'} --user ${user ?? userInToken ?? '<login>'}`;
}

/** How long a line of the log may be the reason of what is seen now. */
const RECENT = 15 * 60_000;

/** The newest line of the logs that may speak of what is seen now. */
export function newestLine({ log, now }: Facts): LogLine | undefined {
  const line = knownOf(log)?.at(-1);
  return line && now.getTime() - line.at.getTime() < RECENT ? line : undefined;
}
