import type { ResourceChange, TerraformPlan } from '../terraform-plan';
import { attributeOf, isForgotten, isUnknown, managed, stays, text, texts } from '../values';

/** A membership of a role, by either way of writing it. */
export interface Membership {
  /** Of the resource that says so. */
  readonly address: string;
  readonly role: string;
  readonly of: string;
}

/** @param when what is only forgotten stays as it was */
export function memberships(plan: TerraformPlan, when: 'before' | 'after'): Membership[] {
  return managed(plan).flatMap((resource): Membership[] => {
    const { address, type } = resource;
    const value = sideOf(resource, when);
    if (type === 'postgresql_grant_role') {
      const [role, of] = [text(value, 'role'), text(value, 'grant_role')];
      return role === undefined || of === undefined ? [] : [{ address, role, of }];
    }
    const role = text(value, 'name');
    return type === 'postgresql_role' && role !== undefined
      ? texts(value, 'roles').map((of) => ({ address, role, of }))
      : [];
  });
}

export function sideOf({ change }: ResourceChange, when: 'before' | 'after'): unknown {
  return when === 'after' && isForgotten(change) ? change.before : change[when];
}

/** Memberships that the plan adds. Those of a group that is taken over come with it, for all who are put into it. */
export function addedMemberships(plan: TerraformPlan): Membership[] {
  const takenOver = managed(plan)
    .filter(isTakenOverGroup)
    .map(({ address }) => address);
  const before = memberships(plan, 'before').filter(({ address }) => !takenOver.includes(address));
  return memberships(plan, 'after').filter(
    ({ role, of }) => !before.some((each) => each.role === role && each.of === of),
  );
}

export function isTakenOverGroup({ type, change }: ResourceChange): boolean {
  return (
    type === 'postgresql_role' &&
    change.importing !== undefined &&
    attributeOf(change.after, 'login') !== true
  );
}

/** Roles of PostgreSQL and of RDS: no group of an environment is one of them, whatever resource says so. */
export const RESERVED_ROLE = /^(pg_|rds_|rdsadmin$)/;

export interface DatabaseRole {
  readonly address: string;
  readonly name: string;
  readonly isLogin: boolean;
}

/** Roles that the plan holds after the apply. */
export function databaseRoles(plan: TerraformPlan): DatabaseRole[] {
  return managed(plan).flatMap((resource) => {
    const name = text(resource.change.after, 'name');
    return resource.type === 'postgresql_role' && name !== undefined && stays(resource)
      ? [
          {
            address: resource.address,
            name,
            isLogin:
              attributeOf(resource.change.after, 'login') === true &&
              !isUnknown(resource.change.after_unknown, 'login'),
          },
        ]
      : [];
  });
}
