import type { IConstruct } from 'constructs';
import type { Environment } from '../../environment/environment';
import { EnvironmentError, environmentFault, type Fault } from '../../environment/environment-error';
import {
  type Claim,
  type Claimant,
  claimedTwice,
  databaseRoleClaims,
  newRoleClaims,
} from '../../validation/across';
import type { PathFault } from '../../validation/plain-data';
import { faultsWithin } from '../../validation/validate';
import { clusterKey } from './same-cluster';

/** App -> what its constructs have claimed so far. */
const claimantsOf = new WeakMap<IConstruct, Claimant[]>();

/**
 * Checks a construct by the rules of environments, and against the constructs that the app has already.
 * @param environment what the construct means, with stand-ins for what Terraform knows later
 * @throws EnvironmentError with every fault at once
 */
export function validateConstruct(
  construct: IConstruct,
  environment: Environment,
  ownFaults: readonly PathFault[],
  claims: (environment: Environment) => readonly Claim[],
): void {
  const name = construct.node.path;
  const faults: Fault[] = ownFaults.map(({ path, message }) =>
    environmentFault('construct-values', name, path, message),
  );
  const told = new Set(faults.map(({ where }) => where));
  const within = faultsWithin(environment, name);
  for (const fault of within.faults) {
    // Constructs take these two beside the cluster.
    const where = fault.where.replace(/^cluster\.(?=databaseName$|masterUsername$)/, '');
    if (!told.has(where)) faults.push({ ...fault, where });
  }
  const app = construct.node.root;
  const claimed = within.environment ? claims(within.environment) : [];
  const claimants = [...(claimantsOf.get(app) ?? []), { name, kind: 'construct', claims: claimed }];
  faults.push(...claimedTwice('construct', claimants));
  if (faults.length > 0) throw new EnvironmentError(faults, 'construct'); // node-do-not-add-exception-line
  claimantsOf.set(app, claimants);
}

/**
 * Checks environments against the constructs that the app has already, and the other way round from now on.
 * @throws EnvironmentError with every fault at once
 */
export function claimForEnvironments(app: IConstruct, environments: readonly Environment[]): void {
  const claimants = [
    ...(claimantsOf.get(app) ?? []),
    ...environments.map((environment): Claimant => {
      const { name, account, region, cluster } = environment;
      const kind = cluster.kind === 'instance' ? 'instance' : 'existing';
      const key = clusterKey(app, { kind, name: cluster.identifier, region, account });
      return {
        name,
        kind: 'environment',
        claims: [...newRoleClaims(environment, account), ...databaseRoleClaims(environment, key)],
      };
    }),
  ];
  const faults = claimedTwice('environment', claimants);
  if (faults.length > 0) throw new EnvironmentError(faults); // node-do-not-add-exception-line
  claimantsOf.set(app, claimants);
}
