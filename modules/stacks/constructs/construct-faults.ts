import type { IConstruct } from 'constructs';
import type { Environment } from '../../environment/environment';
import { EnvironmentError, environmentFault, type Fault } from '../../environment/environment-error';
import { type Claim, type Claimant, claimedTwice } from '../../validation/across';
import type { PathFault } from '../../validation/plain-data';
import { faultsWithin } from '../../validation/validate';

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
  const before = claimantsOf.get(app) ?? [];
  const claimant: Claimant = { name, claims: within.environment ? claims(within.environment) : [] };
  faults.push(...claimedTwice('construct', [...before, claimant]));
  if (faults.length > 0) throw new EnvironmentError(faults, 'construct'); // node-do-not-add-exception-line
  claimantsOf.set(app, [...before, claimant]);
}
