import { code } from '../markdown';
import type { ResourceChange } from '../terraform-plan';
import { attributeOf, hasTrue, isForgotten, text } from '../values';
import type { EmittedType, Words } from './emitted-type';

export const POSTGRESQL_GRANT_ROLE: EmittedType = {
  provider: 'cyrilgdn/postgresql',
  emitted: ['role', 'grant_role'],
  computed: ['id'],
  judged: ['with_admin_option'],
  defaults: { with_admin_option: false },
  words: membershipWords,
};

function membershipWords({ change }: ResourceChange): Words {
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

function membership(value: unknown): { who: string; of: string; isAdmin: boolean } | undefined {
  const [role, group] = [text(value, 'role'), text(value, 'grant_role')];
  const option = attributeOf(value, 'with_admin_option') ?? false;
  if (role === undefined || group === undefined || typeof option !== 'boolean') return undefined;
  return { who: code(role), of: code(group), isAdmin: option };
}
