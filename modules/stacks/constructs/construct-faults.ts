import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import type { Environment } from '../../environment/environment';
import { EnvironmentError, type Fault, pathText } from '../../environment/environment-error';
import { type Claim, type Claimant, claimedTwice, faultsWithin } from '../../validation/validate';

/** A fault of a construct's own properties. */
export interface PropertyFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

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
  ownFaults: readonly PropertyFault[],
  claims: () => readonly Claim[],
): void {
  const name = construct.node.path;
  const faults: Fault[] = ownFaults.map(({ path, message }) => ({
    environment: name,
    path: pathText(path),
    message,
  }));
  const told = new Set(faults.map(({ path }) => path));
  const within = faultsWithin(environment, name);
  for (const fault of within.faults) {
    // Constructs take these two beside the cluster.
    const path = fault.path.replace(/^cluster\.(?=databaseName$|masterUsername$)/, '');
    if (!told.has(path)) faults.push({ ...fault, path });
  }
  const app = construct.node.root;
  const before = claimantsOf.get(app) ?? [];
  const claimant: Claimant = { name, claims: within.wellFormed ? claims() : [] };
  faults.push(...claimedTwice('construct', [...before, claimant]));
  if (faults.length > 0) throw new EnvironmentError(faults, 'construct');
  claimantsOf.set(app, [...before, claimant]);
}

/**
 * Names that only Terraform knows: they would become names of another kind, `${…}` and all.
 * @param mayBeLater whether a value at this path may be such a one
 */
export function unknownNames(
  value: unknown,
  path: readonly PropertyKey[],
  mayBeLater: (path: readonly PropertyKey[]) => boolean = () => false,
): PropertyFault[] {
  const fault = { path, message: 'is known to Terraform only; names must be written out in the program' };
  if (typeof value === 'string') return Token.isUnresolved(value) && !mayBeLater(path) ? [fault] : [];
  if (typeof value !== 'object' || value === null) return [];
  if (Token.isUnresolved(value)) return [fault];
  return Object.entries(value).flatMap(([key, child]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    return Token.isUnresolved(key) ? [fault] : unknownNames(child, here, mayBeLater);
  });
}
