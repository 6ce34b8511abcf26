import type { Finding } from '../findings/finding';
import type { LiveAccess } from './catalog';
import { type CheckQuestion, findingsOf, type Rule, rule } from './finding';
import type { AccessModel, GroupRole, LoginRole } from './model';
import { adminOption } from './rules/admin-option';
import { attributes } from './rules/attributes';
import { columns } from './rules/columns';
import { grantOption } from './rules/grant-option';
import { member } from './rules/member';
import { membershipOptions } from './rules/membership-options';
import { owner } from './rules/owner';
import { privilegesBeyond } from './rules/privileges';

/** A role of the environment that exists and is not in Terraform's state: creating it fails. */
export interface LeftBehind {
  readonly kind: 'group' | 'login';
  readonly name: string;
  /** How it differs from what a deploy makes. Empty: a deploy that was killed made it, or somebody who made the very same. */
  readonly differences: readonly string[];
}

/** What a role can have, or lack, that a deploy would not have left so. Privileges that a group lacks are not among it: a deploy
 *  makes the role first, as a whole, and grants to it afterwards. */
const RULES: readonly Rule[] = [
  rule(['attributes'], attributes),
  rule(['member'], member),
  rule(['membership-options'], membershipOptions),
  rule(['admin-option'], adminOption),
  rule(['owner'], owner),
  rule(['privileges'], privilegesBeyond),
  rule(['grant-option'], grantOption),
  rule(['columns'], columns),
];

/** @param inState names of the roles in the state of the database stack */
export function leftBehind(
  question: CheckQuestion,
  live: LiveAccess,
  inState: ReadonlySet<string>,
): LeftBehind[] {
  const { groups, logins } = question.model;
  const isLost = ({ name, adopted }: GroupRole | LoginRole) =>
    !adopted && !inState.has(name) && live.roles.some((role) => role.name === name);
  return [
    ...groups
      .filter(isLost)
      .map(({ name }) => ({ kind: 'group' as const, name, differences: ofGroup(name, question, live) })),
    ...logins
      .filter(isLost)
      .map(({ name }) => ({ kind: 'login' as const, name, differences: ofLogin(name, question, live) })),
  ];
}

function ofLogin(name: string, question: CheckQuestion, live: LiveAccess): string[] {
  const model: AccessModel = {
    ...NOTHING,
    databases: question.model.databases,
    logins: question.model.logins.filter((login) => login.name === name),
  };
  return differences(name, { ...question, model }, live);
}

function ofGroup(name: string, question: CheckQuestion, live: LiveAccess): string[] {
  const { groups, logins, grants, defaultPrivileges, databases } = question.model;
  const model: AccessModel = {
    ...NOTHING,
    databases,
    groups: groups.filter((group) => group.name === name),
    grants: grants.filter(({ group }) => group === name),
    defaultPrivileges: defaultPrivileges.filter(({ group }) => group === name),
  };
  const members = new Set(logins.filter((login) => login.groups.includes(name)).map((login) => login.name));
  const memberships = live.memberships.filter(({ role, member }) => role !== name || !members.has(member));
  return differences(name, { ...question, model }, { ...live, memberships });
}

const NOTHING: AccessModel = {
  databases: [],
  groups: [],
  logins: [],
  schemas: [],
  grants: [],
  defaultPrivileges: [],
  publicGrants: [],
};

function differences(name: string, question: CheckQuestion, live: LiveAccess): string[] {
  const role = live.roles.find((each) => each.name === name);
  return [
    // From 16 on, who creates a role has ADMIN on it.
    ...(role?.alterable ? [] : [`it was not created by ${live.admin}`]),
    ...findingsOf(RULES, question, live).map((finding) => said(finding, name)),
  ];
}

/** Said of the role itself, or of another one that has to do with it. */
function said({ where, message }: Finding, name: string): string {
  return where.endsWith(` ${name}`) ? `it ${message}` : `${where} ${message}`;
}
