import { documentChunks } from '../connect/documents';
import { connectPrincipal } from '../connect/model';
import { proxyChunks, proxyHops } from '../connect/proxy-hop';
import type { Environment } from '../environment/environment';
import { identityNameOf, loginsOf, MAIN_TARGET, type Principal, targetsOf } from '../environment/principals';
import { MAXIMUM_POLICY_SIZE } from '../iam/policy-document';
import { iamParts, isAccount, isIamName, sessionParts } from '../names/arn';
import { isKnownLater } from '../names/later';
import { isLoginName, loginCharactersFault } from '../names/postgresql';
import { choices, type Report, reportRepeated } from './report';

export function reportPrincipals(environment: Environment, report: Report): void {
  const { principals, account, access } = environment;
  for (const [key, principal] of Object.entries(principals)) {
    const path = ['principals', key];
    const listPath = [...path, 'connectsAs', ...('ownName' in principal.connectsAs ? ['ownName'] : [])];
    const names = loginsOf(principal);
    names.forEach((login, index) => {
      if (Object.hasOwn(access.logins, login)) return;
      // Nobody could add a login of such a name.
      const way = isLoginName(login)
        ? choices(Object.keys(access.logins), 'access.logins')
        : `the name ${loginCharactersFault(login)}`;
      report([...listPath, index], `there is no login "${login}"`, `${way}`);
    });
    reportRepeated(names, listPath, report);
    reportTargets(principal, environment, path, report);
    reportIdentity(principal, account, path, report);
  }
  if (environment.targets && Object.hasOwn(environment.targets, MAIN_TARGET))
    report(
      ['targets', MAIN_TARGET],
      "is the key that means the environment's own cluster",
      'choose another key',
    );
  reportProxyRoles(environment, report);
  reportTooManyPolicies(environment, report);
  reportTwinRoles(principals, report);
}

function reportTargets(
  principal: Principal,
  { targets = {}, cluster }: Environment,
  path: readonly PropertyKey[],
  report: Report,
): void {
  const known = [MAIN_TARGET, ...Object.keys(targets)];
  targetsOf(principal).forEach((target, index) => {
    if (!known.includes(target))
      report([...path, 'targets', index], `there is no target "${target}"`, `${choices(known, 'targets')}`);
    else if (cluster.kind === 'instance' && targets[target]?.kind === 'memberCluster')
      report(
        [...path, 'targets', index],
        'is a member of a global database, and this environment has an RDS instance, which is in none',
        'remove it',
      );
  });
  reportRepeated(targetsOf(principal), [...path, 'targets'], report);
}

/** The roles of proxies get policies, as principals do. */
function reportProxyRoles({ targets = {}, account }: Environment, report: Report): void {
  for (const [key, target] of Object.entries(targets)) {
    if (target.kind !== 'proxy' || target.role === undefined) continue;
    const fault = identityFault('role', target.role, account);
    if (fault) report(['targets', key, 'role'], fault);
  }
}

/** Faults of the IAM identity that a principal names. */
function reportIdentity(
  principal: Principal,
  account: string,
  path: readonly PropertyKey[],
  report: Report,
): void {
  const named = namedIdentity(principal);
  if (named) {
    const fault = identityFault(named.kind, named.name, account);
    if (fault) report([...path, named.kind], fault);
  }
  if (
    principal.kind === 'newRole' &&
    principal.trust.kind === 'account' &&
    principal.trust.account === account
  )
    report(
      [...path, 'trust', 'account'],
      "is the environment's own account, so everybody there who is allowed to assume roles could assume this one",
      'use iamRole for a role that exists, or a trust that names the service or repository that runs the program',
    );
  if (principal.kind === 'user' && 'ownName' in principal.connectsAs) {
    const user = identityNameOf(principal.user);
    if (!isKnownLater(user) && principal.connectsAs.ownName.some((name) => name !== user))
      report(
        [...path, 'connectsAs', 'ownName'],
        'must list the user itself and nobody else',
        `write ownName(['${user}'])`,
      );
  }
}

/** The identity that exists before the principal, and how it is named. */
export function namedIdentity(
  principal: Principal,
): { readonly kind: 'role' | 'user' | 'group'; readonly name: string } | undefined {
  if (principal.kind === 'role') return { kind: 'role', name: principal.role };
  if (principal.kind === 'user') return { kind: 'user', name: principal.user };
  if (principal.kind === 'group') return { kind: 'group', name: principal.group };
  return undefined;
}

/**
 * Roles that AWS keeps for itself: nobody else can attach a policy to them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
 * @param withPath empty where the role is named without its ARN
 */
function unchangeableFault(name: string, withPath: string): string | undefined {
  if (name.startsWith('AWSReservedSSO_'))
    return 'is managed by IAM Identity Center, which removes policies that others attach; use documentOnly, and put its document into the permission set';
  if (withPath.startsWith('aws-service-role/') || name.startsWith('AWSServiceRoleFor'))
    return 'is a service-linked role, whose policies only AWS can change; give the program a role of its own, and name that';
  return withPath.startsWith('aws-reserved/')
    ? 'is reserved by AWS, and nobody else can change its policies; name a role of your own'
    : undefined;
}

/** A session instead of its role: what `aws sts get-caller-identity` prints. */
function sessionFault(session: ReturnType<typeof sessionParts>): string | undefined {
  if (!session) return undefined;
  return session.role.startsWith('AWSReservedSSO_')
    ? unchangeableFault(session.role, '')
    : `is a session, and policies are attached to its role; write ${session.role}`;
}

function identityFault(
  kind: 'role' | 'user' | 'group',
  nameOrArn: string,
  account: string,
): string | undefined {
  // The name of a resource beside a construct: Terraform knows it later.
  if (isKnownLater(nameOrArn)) return undefined;
  const parts = iamParts(nameOrArn);
  const arn = parts?.type === kind && isAccount(parts) ? parts : undefined;
  const name = identityNameOf(nameOrArn);
  const longest = kind === 'group' ? 128 : 64;
  // A name alone has no path.
  const session = kind === 'role' ? sessionFault(sessionParts(nameOrArn)) : undefined;
  if (session !== undefined) return session;
  if (!isIamName(arn?.name ?? nameOrArn, longest) || (!arn && nameOrArn.includes('/')))
    return `is neither the name nor the ARN of an IAM ${kind}; write orders-api, or arn:aws:iam::<account>:${kind}/orders-api`;
  if (arn && arn.account !== account)
    return `is a ${kind} of account ${arn.account}, and the cluster is in ${account}, where alone its policies can be; let it assume a role of ${account}, and name that role`;
  return unchangeableFault(name, arn?.name ?? '');
}

function reportTwinRoles(principals: Environment['principals'], report: Report): void {
  const taken = new Map<string, string>();
  for (const [key, principal] of Object.entries(principals)) {
    if (principal.kind !== 'newRole') continue;
    const name = principal.name.toLowerCase();
    const other = taken.get(name);
    if (other !== undefined)
      report(
        ['principals', key, 'name'],
        `is already created by principal "${other}" (IAM does not distinguish upper and lower case)`,
        'rename one of the two',
      );
    else taken.set(name, key);
  }
}

/** Managed policies that one identity can have by default.
 *  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAXIMUM_POLICIES = 10;

function reportTooManyPolicies(environment: Environment, report: Report): void {
  const counts = new Map<string, number>();
  for (const { path, identity, logins, targets, policies: own } of attachments(environment)) {
    const before = counts.get(identity) ?? 0;
    counts.set(identity, before + own);
    if (before + own > MAXIMUM_POLICIES)
      report(
        path,
        `needs ${own} managed policies of ${MAXIMUM_POLICY_SIZE} characters for ${logins.length} logins on ` +
          `${targets.length} targets${before > 0 ? `, beside ${before} that ${identity} has already` : ''}, and IAM attaches ${MAXIMUM_POLICIES} to an identity by default`,
        'divide the logins between several identities',
      );
  }
}

/** What each identity gets, in the order in which it is attached. */
function attachments(environment: Environment): {
  readonly path: readonly PropertyKey[];
  readonly identity: string;
  readonly logins: readonly string[];
  readonly targets: readonly string[];
  readonly policies: number;
}[] {
  const ofPrincipals = Object.entries(environment.principals).flatMap(([key, principal]) => {
    if (principal.kind === 'document' || !hasDocuments(principal, environment)) return [];
    const named = namedIdentity(principal);
    return [
      {
        path: ['principals', key],
        identity: named ? `${named.kind} ${identityNameOf(named.name)}` : `role ${key}`,
        logins: loginsOf(principal),
        targets: targetsOf(principal),
        policies: documentChunks(environment, connectPrincipal(key, principal)).length,
      },
    ];
  });
  const ofProxies = proxyHops(environment).flatMap(({ key, role, logins }) =>
    role === undefined || !logins.every(isLoginName)
      ? []
      : [
          {
            path: ['targets', key, 'role'],
            identity: `role ${identityNameOf(role)}`,
            logins,
            targets: [MAIN_TARGET],
            policies: proxyChunks(environment, logins).length,
          },
        ],
  );
  return [...ofPrincipals, ...ofProxies];
}

/** Whether policies can be made for the principal at all: names that no policy may carry, or no target has, are reported above. */
function hasDocuments(principal: Principal, { targets = {} }: Environment): boolean {
  return (
    loginsOf(principal).every(isLoginName) &&
    targetsOf(principal).every((target) => target === MAIN_TARGET || Object.hasOwn(targets, target))
  );
}
