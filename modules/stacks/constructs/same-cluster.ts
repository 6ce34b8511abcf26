import type { IConstruct } from 'constructs';

/** Where a cluster is whose name the program knows, as far as it knows that. */
export interface ClusterPlace {
  readonly kind: string;
  readonly name: string;
  readonly region?: string;
  readonly account?: string;
  /** What else decides on the account: the configuration of the provider, as text. Absent where the account is written. */
  readonly provider?: string;
  /** The path of the stack that creates it. */
  readonly createdBy?: string;
}

/** App -> the places that it has named. */
const placesOf = new WeakMap<IConstruct, ClusterPlace[]>();

/** Equal for what can be the same cluster: two of one name are, unless something that is written says otherwise. */
export function clusterKey(app: IConstruct, place: ClusterPlace): readonly string[] {
  const known = placesOf.get(app) ?? [];
  placesOf.set(app, known);
  const index = known.findIndex((each) => maybeSame(each, place));
  if (index >= 0) return ['cluster', String(index)];
  known.push(place);
  return ['cluster', String(known.length - 1)];
}

function maybeSame(one: ClusterPlace, other: ClusterPlace): boolean {
  const differs = (a: string | undefined, b: string | undefined) =>
    a !== undefined && b !== undefined && a !== b;
  if (one.kind !== other.kind || one.name.toLowerCase() !== other.name.toLowerCase()) return false;
  if (differs(one.region, other.region) || differs(one.account, other.account)) return false;
  // Two stacks that both create one of this name can only be for two accounts.
  if (differs(one.createdBy, other.createdBy)) return false;
  return one.account !== undefined || other.account !== undefined || one.provider === other.provider;
}

/** The way out for two clusters that cannot be told apart. */
export function whereTwo({ account }: { readonly account?: string }): string {
  return account === undefined
    ? '. If there are two clusters of this name, write region and allowedAccountIds in their AWS providers'
    : '';
}
