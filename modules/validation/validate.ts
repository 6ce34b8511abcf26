import { Token } from 'cdktf';
import { type BaseIssue, safeParse } from 'valibot';
import { loginGroups } from '../connect/documents';
import {
  GRANTABLE,
  type GroupDefinition,
  type LoginDefinition,
  PREDEFINED_ROLES,
  placesOf,
} from '../environment/access';
import { masterUsernameOf } from '../environment/cluster';
import { type Environment, isLockedDown } from '../environment/environment';
import { EnvironmentError, type Fault, pathText } from '../environment/environment-error';
import { identityNameOf, loginsOf, MAIN_TARGET, type Principal, targetsOf } from '../environment/principals';
import { MAXIMUM_POLICY_SIZE } from '../iam/policy-document';
import { loginNameFault, nameFault, roleNameFault } from '../names/postgresql';
import { address } from '../names/terraform';
import { environmentSchema } from './schema';

/** Memberships that are given by this project only, or that would take IAM logins away again. */
const REFUSED_MEMBERSHIPS = new Map([
  ['rds_iam', 'is given to every login already; leave it out'],
  [
    'rds_superuser',
    'would make the login an administrator of the cluster; name a group with the privileges it needs',
  ],
  ['rds_ad', 'is for Kerberos logins and excludes rds_iam; leave it out'],
]);

const GRANTABLE_PRIVILEGES: readonly string[] = [...new Set(Object.values(GRANTABLE).flat())];

type Report = (path: readonly PropertyKey[], message: string) => void;

/**
 * Checks all environments of a project together.
 * @throws EnvironmentError with every fault at once.
 */
export function validateEnvironments(environments: readonly Environment[]): void {
  const faults: Fault[] = [];
  const wellFormed: Environment[] = [];
  environments.forEach((environment, index) => {
    const name = typeof environment?.name === 'string' ? environment.name : `number ${index + 1} of the list`;
    const within = faultsWithin(environment, name);
    faults.push(...within.faults);
    if (within.wellFormed) wellFormed.push(environment);
  });
  const claimants = wellFormed.map((environment) => ({
    name: environment.name,
    claims: environmentClaims(environment),
  }));
  faults.push(...claimedTwice('environment', claimants));
  if (faults.length > 0) throw new EnvironmentError(faults);
}

/** The faults of one environment in itself, and whether its shape is right. */
export function faultsWithin(
  environment: Environment,
  name: string,
): { readonly faults: readonly Fault[]; readonly wellFormed: boolean } {
  const faults: Fault[] = [];
  const report: Report = (path, message) => faults.push({ environment: name, path: pathText(path), message });
  const shape = safeParse(environmentSchema, environment);
  // Rules between fields read the fields: they can only be asked once the shape is right.
  if (shape.success) reportRules(environment, report);
  else for (const issue of shape.issues) reportIssue(issue, report);
  return { faults, wellFormed: shape.success };
}

/** What valibot finds; its own texts begin with a kind that adds nothing for a person. */
function reportIssue(issue: BaseIssue<unknown>, report: Report): void {
  const path = (issue.path ?? []).map((step) => step.key as PropertyKey);
  report(path, issue.message.replace(/^Invalid (type|key): E/, 'e'));
}

function reportRules(environment: Environment, report: Report): void {
  const { access, principals, cluster, account } = environment;
  const master = masterUsernameOf(cluster);
  const groups = Object.keys(access.groups);
  const logins = Object.keys(access.logins);

  reportName(cluster.databaseName, ['cluster', 'databaseName'], report);
  environment.databases?.forEach((database, index) => {
    reportName(database, ['databases', index], report);
  });
  reportRepeated(environment.databases ?? [], ['databases'], report);
  reportAdmin(environment, report);
  reportAssumeRole(environment, report);
  for (const [name, group] of Object.entries(access.groups)) {
    const path = ['access', 'groups', name];
    const fault = roleNameFault(name, master);
    if (fault) report(path, fault);
    reportGroup(group, environment, path, report);
  }
  environment.otherIamLogins?.forEach((name, index) => {
    if (logins.includes(name))
      report(['otherIamLogins', index], 'is a login of this environment; leave it out');
  });

  for (const [name, login] of Object.entries(access.logins)) {
    const path = ['access', 'logins', name];
    const fault = loginNameFault(name, master, login.caseSensitive === true);
    if (fault) report(path, fault);
    if (groups.includes(name))
      report(path, 'is the name of a group too; PostgreSQL has one name space for both');
    reportMemberships(login, environment, path, report);
    login.searchPath?.forEach((schema, index) => {
      reportName(schema, [...path, 'searchPath', index], report);
      // The postgresql provider cannot read such names back, and would set them again for ever.
      if (/"|, /.test(schema))
        report(
          [...path, 'searchPath', index],
          'holds a double quote or a comma and space; rename the schema',
        );
    });
    reportRepeated(login.searchPath ?? [], [...path, 'searchPath'], report);
  }

  for (const [key, principal] of Object.entries(principals)) {
    const path = ['principals', key];
    const names = loginsOf(principal);
    const listPath = [...path, 'connectsAs', ...('ownName' in principal.connectsAs ? ['ownName'] : [])];
    names.forEach((login, index) => {
      if (!logins.includes(login))
        report([...listPath, index], `there is no login "${login}"; ${choices(logins, 'access.logins')}`);
    });
    reportRepeated(names, listPath, report);
    reportTargets(principal, environment, path, report);
    reportIdentity(principal, account, path, report);
  }
  if (environment.targets && Object.hasOwn(environment.targets, MAIN_TARGET))
    report(['targets', MAIN_TARGET], "is the key of the environment's own cluster; choose another key");
  reportTooManyPolicies(environment, report);
  reportTwinRoles(principals, report);

  reportCollisions('group', groups, ['access', 'groups'], report);
  reportCollisions('login', logins, ['access', 'logins'], report);
  // IAM tells names of policies apart without regard to case, and they are made from the keys.
  reportCollisions('principal', Object.keys(principals), ['principals'], report, (id) => id.toLowerCase());
}

function reportAssumeRole({ account, admin, assumeRole }: Environment, report: Report): void {
  if (!assumeRole) return;
  const [, , , , itsAccount] = assumeRole.roleArn.split(':');
  if (itsAccount !== account)
    report(
      ['assumeRole', 'roleArn'],
      `is a role of account ${itsAccount}, and this environment is in ${account}; name a role of ${account}`,
    );
  if (admin?.kind === 'iam')
    report(
      ['assumeRole'],
      "stands beside iamAdmin, whose token the provider signs as the process itself, not as this role; let the pipeline run as the role, or use secret('<arn>')",
    );
}

function reportAdmin({ access, admin, through }: Environment, report: Report): void {
  if (admin?.kind === 'iam' && through)
    report(
      ['admin'],
      "logs in by a token, which the provider would sign for the tunnel's host, so it would be refused; reach the endpoint itself " +
        "(a runner in the VPC), or use secret('<arn>') or environmentPassword()",
    );
  if (!admin || !('username' in admin) || admin.username === undefined) return;
  const path = ['admin', 'username'];
  reportName(admin.username, path, report);
  if (Object.hasOwn(access.logins, admin.username))
    report(
      path,
      admin.kind === 'iam'
        ? 'is one of the logins, which may not manage roles; make a role of its own for it (docs/admin.md)'
        : 'is one of the logins; they are in rds_iam and have no password',
    );
  if (Object.hasOwn(access.groups, admin.username))
    report(path, 'is one of the groups, which cannot log in; name a login');
}

function reportGroup(
  group: GroupDefinition,
  { access, cluster }: Environment,
  path: readonly PropertyKey[],
  report: Report,
): void {
  if (group.databases) {
    for (const key of ['database', 'schemas'] as const)
      if (group[key] !== undefined) report([...path, key], 'stands beside databases; give one of the two');
    if (group.preset === 'owner')
      report(
        [...path, 'databases'],
        'is not for an owner group, which owns in one database; make an owner group for each',
      );
    if (Object.keys(group.databases).length === 0)
      report([...path, 'databases'], "is empty; name a database, or leave it out for the cluster's");
  }
  if (group.preset !== 'custom' && group.privileges)
    report([...path, 'privileges'], `has no meaning for ${group.preset}; write custom({ … })`);
  for (const [database, schemas] of placesOf(group, cluster.databaseName)) {
    if (group.databases || group.database !== undefined)
      reportName(database, [...path, group.databases ? 'databases' : 'database'], report);
    const schemaPath = [...path, ...(group.databases ? ['databases', database] : ['schemas'])];
    schemas.forEach((schema, index) => {
      reportName(schema, [...schemaPath, index], report);
      if (/^pg_|^information_schema$/.test(schema))
        report([...schemaPath, index], 'is a schema of PostgreSQL itself; leave it out');
    });
    reportRepeated(schemas, schemaPath, report);
  }
  group.creators?.forEach((creator, index) => {
    const here = [...path, 'creators', index];
    reportName(creator, here, report);
    if (Object.hasOwn(access.logins, creator))
      report(here, 'is a login, and logins own nothing; let it act as an owner group');
    if (access.groups[creator]?.preset === 'owner')
      report(here, 'is an owner group, whose future objects are reached already; leave it out');
    // To set what a creator's objects carry, the admin becomes its member for a moment.
    if (/^(pg|rds)_/.test(creator))
      report(here, 'belongs to PostgreSQL or RDS and creates nothing; name the role that makes the tables');
  });
  reportRepeated(group.creators ?? [], [...path, 'creators'], report);
  if (group.preset === 'owner' && group.creators)
    report([...path, 'creators'], 'has no meaning for an owner group; leave it out');
  if (typeof group.adopt === 'object')
    group.adopt.revokes.forEach((privilege, index) => {
      if (!GRANTABLE_PRIVILEGES.includes(privilege))
        report(
          [...path, 'adopt', 'revokes', index],
          `"${privilege}" is not a privilege; ${choices(GRANTABLE_PRIVILEGES)}`,
        );
    });
}

function reportName(name: string, path: readonly PropertyKey[], report: Report): void {
  const fault = nameFault(name);
  if (fault) report(path, fault);
}

function reportMemberships(
  login: LoginDefinition,
  environment: Environment,
  path: readonly PropertyKey[],
  report: Report,
): void {
  const { groups, logins } = environment.access;
  const names = (login.memberOf ?? []).map((membership) =>
    typeof membership === 'string' ? membership : membership.predefined,
  );
  if (names.length === 0 && login.actsAs === undefined)
    report(path, 'is in no group, so it could do nothing; name one in memberOf or actsAs');
  else if (
    isLockedDown(environment) &&
    login.actsAs === undefined &&
    !login.memberOf?.some((membership) => typeof membership === 'string')
  )
    report(
      path,
      'is in predefined roles only, and lockDown takes CONNECT from PUBLIC, so it could not connect; add a group, such as one of custom()',
    );
  login.memberOf?.forEach((membership, index) => {
    const here = [...path, 'memberOf', index];
    const name = names[index] as string;
    const refusal = REFUSED_MEMBERSHIPS.get(name);
    if (refusal) report(here, refusal);
    else if (typeof membership !== 'string') {
      if (!(PREDEFINED_ROLES as readonly string[]).includes(name))
        report(here, `"${name}" is not a predefined role that can be given; ${choices(PREDEFINED_ROLES)}`);
    } else if (name.startsWith('pg_')) report(here, `is a predefined role; write predefined('${name}')`);
    else if (Object.hasOwn(logins, name) && !Object.hasOwn(groups, name))
      report(here, `"${name}" is a login; logins are members of groups, never of each other`);
    else if (!Object.hasOwn(groups, name))
      report(here, `there is no group "${name}"; ${choices(Object.keys(groups), 'access.groups')}`);
  });
  reportRepeated(names, [...path, 'memberOf'], report);
  if (login.actsAs !== undefined) {
    const target = Object.hasOwn(groups, login.actsAs) ? groups[login.actsAs] : undefined;
    const owners = Object.keys(groups).filter((name) => groups[name]?.preset === 'owner');
    if (!target)
      report([...path, 'actsAs'], `there is no group "${login.actsAs}"; ${choices(owners, 'access.groups')}`);
    else if (target.preset !== 'owner')
      report([...path, 'actsAs'], `"${login.actsAs}" is not an owner group; ${choices(owners)}`);
    if (names.includes(login.actsAs))
      report(
        [...path, 'actsAs'],
        'stands in memberOf too; actsAs is a membership already, so leave it out there',
      );
  }
}

function reportTargets(
  principal: Principal,
  { targets, cluster }: Environment,
  path: readonly PropertyKey[],
  report: Report,
): void {
  const known = [MAIN_TARGET, ...Object.keys(targets ?? {})];
  targetsOf(principal).forEach((target, index) => {
    if (!known.includes(target))
      report([...path, 'targets', index], `there is no target "${target}"; ${choices(known, 'targets')}`);
    else if (cluster.kind === 'instance' && targets?.[target]?.kind === 'memberCluster')
      report(
        [...path, 'targets', index],
        'is a member of a global cluster, and the environment has an instance; leave it out',
      );
  });
  reportRepeated(targetsOf(principal), [...path, 'targets'], report);
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
  if (principal.kind === 'user' && 'ownName' in principal.connectsAs) {
    const user = identityNameOf(principal.user);
    if (!Token.isUnresolved(user) && principal.connectsAs.ownName.some((name) => name !== user))
      report(
        [...path, 'connectsAs', 'ownName'],
        `lists others than the user itself; write ownName(['${user}'])`,
      );
  }
}

/** The identity that exists before the principal, and how it is named. */
function namedIdentity(principal: Principal): { kind: 'role' | 'user' | 'group'; name: string } | undefined {
  if (principal.kind === 'role') return { kind: 'role', name: principal.role };
  if (principal.kind === 'user') return { kind: 'user', name: principal.user };
  if (principal.kind === 'group') return { kind: 'group', name: principal.group };
  return undefined;
}

function identityFault(
  kind: 'role' | 'user' | 'group',
  nameOrArn: string,
  account: string,
): string | undefined {
  // The name of a resource beside a construct: Terraform knows it later.
  if (Token.isUnresolved(nameOrArn)) return undefined;
  const arn = new RegExp(`^arn:[a-z-]+:iam::(\\d{12}):${kind}/(?:[!-.0-~]+/)*([\\w+=,.@-]{1,128})$`).exec(
    nameOrArn,
  );
  const name = arn ? (arn[2] as string) : nameOrArn;
  const longest = kind === 'group' ? 128 : 64;
  if (!/^[\w+=,.@-]+$/.test(name) || name.length > longest)
    return `is neither the name nor the ARN of an IAM ${kind}; write orders-api, or arn:aws:iam::<account>:${kind}/orders-api`;
  if (arn && arn[1] !== account)
    return `is a ${kind} of account ${arn[1]}, and the cluster is in ${account}; let it assume a role of this account and name that one`;
  if (name.startsWith('AWSReservedSSO_'))
    return 'is managed by IAM Identity Center, which takes foreign policies away again; use documentOnly and put the document into the permission set';
  return undefined;
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
        `is created by principal "${other}" already (IAM does not tell upper from lower case); rename one of the two`,
      );
    else taken.set(name, key);
  }
}

/** Managed policies that one identity can have by default.
 *  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAXIMUM_POLICIES = 10;

function reportTooManyPolicies(environment: Environment, report: Report): void {
  const counts = new Map<string, number>();
  for (const [key, principal] of Object.entries(environment.principals)) {
    if (principal.kind === 'document') continue;
    const named = namedIdentity(principal);
    const identity = named ? `${named.kind} ${identityNameOf(named.name)}` : `role ${key}`;
    const before = counts.get(identity) ?? 0;
    const own = loginGroups(environment, principal).length;
    counts.set(identity, before + own);
    if (before + own > MAXIMUM_POLICIES)
      report(
        ['principals', key],
        `needs ${own} managed policies of ${MAXIMUM_POLICY_SIZE} characters for ${loginsOf(principal).length} logins on ` +
          `${targetsOf(principal).length} targets${before > 0 ? `, beside ${before} that ${identity} has already` : ''}; IAM attaches ` +
          `${MAXIMUM_POLICIES} to an identity by default, so divide the logins over several`,
      );
  }
}

function reportRepeated(values: readonly string[], path: readonly PropertyKey[], report: Report): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) < index) report([...path, index], `"${value}" is named twice; leave one out`);
  });
}

function reportCollisions(
  kind: string,
  names: readonly string[],
  path: readonly PropertyKey[],
  report: Report,
  fold: (id: string) => string = (id) => id,
): void {
  const taken = new Map<string, string>();
  for (const name of names) {
    const id = fold(address(kind, name));
    const other = taken.get(id);
    if (other !== undefined)
      report([...path, name], `would have the same address as "${other}"; rename one of the two`);
    else taken.set(id, name);
  }
}

function choices(names: readonly string[], where?: string): string {
  if (names.length === 0) return where ? `there is none yet: add one under ${where}` : 'there is none';
  return `write one of ${names.join(', ')}${where ? `, or add it under ${where}` : ''}`;
}

/** Something that only one may have. */
export interface Claim {
  readonly what: readonly string[];
  readonly path: readonly PropertyKey[];
  /** @param by who has it already, in words */
  readonly message: (by: string) => string;
}

/** An environment, or a construct of somebody's own stack. */
export interface Claimant {
  readonly name: string;
  readonly claims: readonly Claim[];
}

/** What is claimed a second time. @param kind what the claimants are, in words */
export function claimedTwice(kind: string, claimants: readonly Claimant[]): Fault[] {
  const taken = new Map<string, Claimant>();
  return claimants.flatMap((claimant) =>
    claimant.claims.flatMap(({ what, path, message }) => {
      const key = JSON.stringify(what);
      const by = taken.get(key);
      if (by === undefined) taken.set(key, claimant);
      if (by === undefined || by === claimant) return [];
      return [{ environment: claimant.name, path: pathText(path), message: message(`${kind} ${by.name}`) }];
    }),
  );
}

/** What two environments must not share. */
function environmentClaims(environment: Environment): Claim[] {
  const { name, account, region, cluster } = environment;
  const identity = [account, region, cluster.identifier];
  return [
    {
      what: ['name', name],
      path: ['name'],
      message: () => 'is the name of two environments; rename one',
    },
    ...(cluster.kind === 'created'
      ? [
          {
            what: ['created', ...identity],
            path: ['cluster', 'identifier'],
            message: (by: string) => `is created by ${by} already; use existingCluster here`,
          },
        ]
      : []),
    ...newRoleClaims(environment, account),
    ...databaseRoleClaims(environment, identity),
  ];
}

/** The IAM roles that principals create. @param account or what else tells accounts apart */
export function newRoleClaims({ principals }: Pick<Environment, 'principals'>, account: string): Claim[] {
  return Object.entries(principals).flatMap(([key, principal]) =>
    principal.kind === 'newRole'
      ? [
          {
            what: ['IAM role', account, principal.name.toLowerCase()],
            path: ['principals', key, 'name'],
            message: (by: string) =>
              `is created in this account by ${by} already; rename it, or use iamRole here`,
          },
        ]
      : [],
  );
}

/** The groups and logins. @param cluster what tells clusters apart */
export function databaseRoleClaims(
  { access }: Pick<Environment, 'access'>,
  cluster: readonly string[],
): Claim[] {
  const paths = [
    ...Object.keys(access.groups).map((name) => ['access', 'groups', name] as const),
    ...Object.keys(access.logins).map((name) => ['access', 'logins', name] as const),
  ];
  return paths.map((path) => ({
    what: ['role', ...cluster, path[2]],
    path,
    message: (by: string) =>
      `is managed on this cluster by ${by} already; two would undo each other's work, so rename it or remove it from one`,
  }));
}
