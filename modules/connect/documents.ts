import type { Environment } from '../environment/environment';
import { MAIN_TARGET, type Principal } from '../environment/principals';
import { CONNECT, DESCRIBE } from '../iam/actions';
import { MAXIMUM_POLICY_SIZE, type PolicyDocument, type PolicyStatement } from '../iam/policy-document';
import { type DatabaseTarget, dbuserArn, OWN_NAME, OWN_SAML_NAME, placeIn, rdsArn } from '../names/arn';
import { type ConnectPrincipal, connectPrincipal } from './model';

/** Where the environment's targets are, and what a principal may be allowed to look up. */
export interface PolicyTargets {
  /** By key; `cluster` is the environment's own. */
  readonly targets: Readonly<Record<string, DatabaseTarget>>;
  /** The permission to look the environment's own cluster or instance up, and nothing else. */
  readonly lookUp: { readonly action: string; readonly arn: string };
}

/**
 * What one principal needs, and nothing more: `rds-db:connect` alone is enough to connect, and making a token
 * needs no permission at all. Reading the cluster's endpoint from AWS is another matter and asked for on its own.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
 * @returns one document, or as few as the size of a managed policy allows
 */
export function connectDocuments(
  environment: Environment,
  principal: Principal,
  { targets, lookUp }: PolicyTargets,
): PolicyDocument[] {
  const connects = connectPrincipal('', principal);
  return documentChunks(environment, connects).map((logins, index) =>
    // The look-up is in the first document only.
    connectDocument(
      logins,
      connects.targets.map((key) => targets[key] as DatabaseTarget),
      connects.mayLookUpCluster && index === 0 ? lookUp : undefined,
    ),
  );
}

type Connecting = Pick<ConnectPrincipal, 'logins' | 'ownName' | 'identity' | 'targets' | 'mayLookUpCluster'>;

/**
 * The logins of a principal, divided so that each chunk fits into one document. They are taken in the order of the
 * environment file: a login that is added at the end leaves all documents but the last as they are.
 */
export function documentChunks(
  environment: Environment,
  { logins, ownName, identity, targets: keys, mayLookUpCluster }: Connecting,
): string[][] {
  // Who takes a document into a permission set comes by SAML, and has no user name.
  if (ownName) return [[identity ? OWN_NAME : OWN_SAML_NAME]];
  const { targets, lookUp } = standIns(environment);
  const places = keys.flatMap((key) => targets[key] ?? []);
  const chunks: string[][] = [];
  const emptySize = (first: boolean) =>
    JSON.stringify(connectDocument([], places, first && mayLookUpCluster ? lookUp : undefined)).length;
  let room = 0;
  for (const login of logins) {
    // Each ARN in quotes, and a comma.
    const needed = places.reduce((sum, target) => sum + dbuserArn(target, login).length + 3, 0);
    if (chunks.length === 0 || needed > room) {
      chunks.push([]);
      room = MAXIMUM_POLICY_SIZE - emptySize(chunks.length === 1);
    }
    chunks.at(-1)?.push(login);
    room -= needed;
  }
  return chunks;
}

/** rds-db:connect as these logins on each of the targets. */
export function connectDocument(
  logins: readonly string[],
  targets: readonly DatabaseTarget[],
  lookUp?: PolicyTargets['lookUp'],
): PolicyDocument {
  const connect: PolicyStatement = {
    Sid: 'Connect',
    Effect: 'Allow',
    Action: CONNECT,
    // Sorted, so that the order in the environment file makes no difference to the text of a document.
    Resource: targets.flatMap((target) => [...logins].sort().map((login) => dbuserArn(target, login))),
    // A transient name is another one in each session.
    ...(logins.includes(OWN_SAML_NAME) ? { Condition: PERSISTENT_NAME } : {}),
  };
  const lookUpStatement: PolicyStatement[] = lookUp
    ? [{ Sid: 'LookUpCluster', Effect: 'Allow', Action: lookUp.action, Resource: lookUp.arn }]
    : [];
  return { Version: '2012-10-17', Statement: [connect, ...lookUpStatement] };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml */
const PERSISTENT_NAME = { StringEquals: { 'saml:sub_type': 'persistent' } } as const;

/** Targets with everything that is known before AWS is asked; resource ids of the right length stand in for the true ones. */
function standIns({ account, region, cluster, targets = {} }: Environment): PolicyTargets {
  const target = (inRegion: string, resourceId: string): DatabaseTarget => ({
    ...placeIn(inRegion, account),
    resourceId,
  });
  const clusterId = `cluster-${'A'.repeat(26)}`;
  const main = target(region, cluster.kind === 'instance' ? `db-${'A'.repeat(26)}` : clusterId);
  const others = Object.entries(targets).map(([key, other]): [string, DatabaseTarget] => [
    key,
    other.kind === 'proxy' ? target(region, `prx-${'A'.repeat(17)}`) : target(other.region, clusterId),
  ]);
  const kind = cluster.kind === 'instance' ? 'db' : 'cluster';
  return {
    targets: { [MAIN_TARGET]: main, ...Object.fromEntries(others) },
    lookUp: {
      action: lookUpAction(cluster.kind),
      arn: rdsArn(main, kind, cluster.identifier),
    },
  };
}

/**
 * The name of a principal's policy. `name` is the principal's key, with the number of the policy where it has several;
 * `identifier` the cluster's, where Terraform knows it later. Unique in an account: a dot can stand in no part but the last, and the lengths add up to 128 at most.
 */
export function policyName(
  { cluster, name: environment }: Environment,
  name: string,
  identifier = cluster.identifier,
): string {
  return `${identifier}.${environment}.${name}`;
}

/** The one action that reads the endpoint of a cluster or instance, and takes its ARN as resource. */
export function lookUpAction(kind: Environment['cluster']['kind']): string {
  return DESCRIBE[kind === 'instance' ? 'instance' : 'cluster'];
}
