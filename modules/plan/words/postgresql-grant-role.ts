import { code } from '../markdown';
import type { ResourceChange, TerraformPlan } from '../terraform-plan';
import { attributeOf, hasTrue, isForgotten, managed, text, textSet } from '../values';
import type { EmittedType, Words } from './emitted-type';

export const POSTGRESQL_GRANT_ROLE: EmittedType = {
  provider: 'cyrilgdn/postgresql',
  emitted: ['role', 'grant_role'],
  computed: ['id'],
  judged: ['with_admin_option'],
  defaults: { with_admin_option: false },
  words: membershipWords,
};

function membershipWords({ change }: ResourceChange, plan: TerraformPlan): Words {
  const { before, after } = change;
  if (isForgotten(change) || hasTrue(attributeOf(change.after_unknown, 'role'))) return {};
  const [was, is] = [membership(before), membership(after)];
  if (
    (before !== null && !was) ||
    (after !== null && !is) ||
    hasTrue(attributeOf(change.after_unknown, 'grant_role'))
  )
    return {};
  const told = ['role', 'grant_role', 'with_admin_option'];
  if (was && is && was.who === is.who && was.of === is.of) {
    if (was.isAdmin === is.isAdmin) return {};
    return is.isAdmin
      ? { gains: [`${is.who} may give others the membership in ${is.of} (ADMIN OPTION)`], told }
      : { loses: [`${is.who} may no longer give others the membership in ${is.of} (ADMIN OPTION)`], told };
  }
  if (is && !was && !is.isAdmin && hadItself(plan, after))
    return { changes: [`${is.who} is a member of ${is.of} already, and stays one`], told };
  if (was && !is && !was.isAdmin && hasItself(plan, before))
    return {
      changes: [`${was.who} stays a member of ${was.of}: the resource of the login grants it again`],
      told,
    };
  return {
    gains: is
      ? [
          `${is.who} becomes a member of ${is.of}${is.isAdmin ? ', and may give others the membership (ADMIN OPTION)' : ''}`,
        ]
      : [],
    loses: was ? [`${was.who} is no longer a member of ${was.of}`] : [],
    told,
  };
}

/** Whether the role is a member as its own resource says, before the run: a login that is adopted from now on. */
function hadItself(plan: TerraformPlan, member: unknown): boolean {
  return rolesOf(plan, member).some(({ change }) => isIn(change.before, member));
}

/** The same, of after the run. Whatever the provider updates of a role, it grants all memberships of it again, and later than
 *  it takes this one. */
function hasItself(plan: TerraformPlan, member: unknown): boolean {
  return rolesOf(plan, member).some(
    ({ change }) => change.actions.includes('update') && isIn(change.after, member),
  );
}

/** The resource of a role that neither comes nor goes. */
function rolesOf(plan: TerraformPlan, member: unknown): ResourceChange[] {
  return managed(plan).filter(
    ({ type, change: { actions, before, after } }) =>
      type === 'postgresql_role' &&
      !actions.some((action) => action === 'create' || action === 'delete') &&
      text(before ?? after, 'name') === text(member, 'role'),
  );
}

function isIn(role: unknown, member: unknown): boolean {
  const group = text(member, 'grant_role');
  return group !== undefined && (textSet(attributeOf(role, 'roles'))?.includes(group) ?? false);
}

function membership(value: unknown): { who: string; of: string; isAdmin: boolean } | undefined {
  const [role, group] = [text(value, 'role'), text(value, 'grant_role')];
  const option = attributeOf(value, 'with_admin_option') ?? false;
  if (role === undefined || group === undefined || typeof option !== 'boolean') return undefined;
  return { who: code(role), of: code(group), isAdmin: option };
}
