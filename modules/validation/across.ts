import type { Environment } from '../environment/environment';
import { environmentFault, type Fault } from '../environment/environment-error';

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
  /** What it is, in words. @default as the others */
  readonly kind?: string;
  readonly claims: readonly Claim[];
}

/** What is claimed a second time. @param kind what the claimants are, in words */
export function claimedTwice(kind: string, claimants: readonly Claimant[]): Fault[] {
  const taken = new Map<string, Claimant>();
  return claimants.flatMap((claimant) => {
    // One thing may be claimed by several signs.
    const told = new Set<string>();
    return claimant.claims.flatMap(({ what, path, message }) => {
      const key = JSON.stringify(what);
      const by = taken.get(key);
      if (by === undefined) taken.set(key, claimant);
      if (by === undefined || by === claimant || told.has(JSON.stringify(path))) return [];
      told.add(JSON.stringify(path));
      return [
        environmentFault('environment-twice', claimant.name, path, message(`${by.kind ?? kind} ${by.name}`)),
      ];
    });
  });
}

/** What two environments must not share. */
export function environmentClaims(environment: Environment): Claim[] {
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
            message: (by: string) => `is already created by ${by}; use existingCluster here`,
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
              `is already created in this account by ${by}; rename it, or use iamRole here`,
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
      `is already managed on this cluster by ${by}, and the two would undo each other's changes; rename it, or remove it from one of them`,
  }));
}
