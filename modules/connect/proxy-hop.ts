import type { Environment } from '../environment/environment';
import { MAIN_TARGET } from '../environment/principals';
import type { PolicyDocument } from '../iam/policy-document';
import { connectDocument, documentChunks, type PolicyTargets } from './documents';
import { type Connects, connectModel } from './model';

/**
 * The second hop of a login through an RDS Proxy in end-to-end IAM mode: the client's policy lets it into the proxy, and the
 * proxy's own role must be allowed rds-db:connect on the cluster as each login that comes through.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-setup.html
 */
export interface ProxyHop {
  /** Key of the target. */
  readonly key: string;
  /** Name of the proxy. */
  readonly proxy: string;
  /** Name or ARN of the proxy's role, as the environment writes it; undefined: somebody else gives it its policy. */
  readonly role: string | undefined;
  /** Of all principals that may use the proxy; sorted as in the environment file, each once. */
  readonly logins: readonly string[];
}

/** The proxies that somebody may connect through. */
export function proxyHops({
  targets = {},
  ...connects
}: Connects & Pick<Environment, 'targets'>): ProxyHop[] {
  const { principals } = connectModel(connects);
  return Object.entries(targets).flatMap(([key, target]) => {
    if (target.kind !== 'proxy') return [];
    const through = principals.filter((principal) => principal.targets.includes(key));
    const logins = [...new Set(through.flatMap((principal) => principal.logins))];
    return logins.length === 0 ? [] : [{ key, proxy: target.name, role: target.role, logins }];
  });
}

/** What the proxy's role needs: the logins that come through, on the environment's own cluster or instance. */
export function proxyDocuments(
  environment: Environment,
  { logins }: ProxyHop,
  { targets }: PolicyTargets,
): PolicyDocument[] {
  const main = targets[MAIN_TARGET];
  if (!main) return [];
  return proxyChunks(environment, logins).map((chunk) => connectDocument(chunk, [main]));
}

/** The logins, divided as those of a principal are. */
export function proxyChunks(environment: Environment, logins: readonly string[]): string[][] {
  return documentChunks(environment, {
    logins,
    ownName: false,
    identity: undefined,
    targets: [MAIN_TARGET],
    mayLookUpCluster: false,
  });
}

/** The name of the document among the outputs, and of the policy after cluster and environment: no key of a principal has an @. */
export function proxyPolicyKey(key: string): string {
  return `proxy@${key}`;
}

/** What to say at synth of a proxy whose role the environment does not name. @param where `environment prod` */
export function proxyWarning({ key, proxy }: ProxyHop, where: string): string {
  return (
    `Nothing of ${where} gives the role of RDS Proxy ${proxy} its policy, and without one the proxy refuses every login. Name the ` +
    `role, rdsProxy({ name: '${proxy}', role: '<role>' }), or attach the document ${proxyPolicyKey(key)} of the output policy_documents to it.`
  );
}
