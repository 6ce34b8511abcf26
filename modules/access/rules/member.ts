import { type Finding, fault, note } from '../../findings/finding';
import { RDS_IAM } from '../../names/postgresql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { grantStatement, revokeWayOut } from '../membership-statements';
import { madeMemberships } from '../model';

/** Who is a member of what, in both directions: of the groups, and of the logins. A member of a login has all that the
 *  login has, and may become its owner group. */
export function member(question: CheckQuestion, live: LiveAccess): Finding<'member'>[] {
  return [...groupFindings(question, live), ...loginFindings(question, live)];
}

function groupFindings(question: CheckQuestion, live: LiveAccess): Finding<'member'>[] {
  const { model } = question;
  return model.groups.flatMap(({ name, adopted }) => [
    ...membersOf(name, question, live).flatMap((has) => {
      const login = model.logins.find((each) => each.name === has);
      return login?.groups.includes(name) || login?.adopted
        ? []
        : [
            fault(
              'member',
              `role ${has}`,
              `is a member of group ${name}${NOT_SAID}`,
              revoke(question, live, name, has),
            ),
          ];
    }),
    ...rolesOf(name, live)
      .filter((role) => role !== RDS_IAM)
      .map((role) =>
        (adopted ? note : fault)(
          'member',
          `group ${name}`,
          `is a member of ${role}, and has its privileges`,
          revoke(question, live, role, name),
        ),
      ),
  ]);
}

function loginFindings(question: CheckQuestion, live: LiveAccess): Finding<'member'>[] {
  return question.model.logins.flatMap((login) => {
    const { name, adopted, memberships: wanted } = login;
    const made = madeMemberships(question.model, login);
    if (!live.roles.some((role) => role.name === name)) return [];
    const has = rolesOf(name, live);
    const report = adopted ? note : fault;
    return [
      ...wanted
        .filter((role) => !has.includes(role))
        .map((role) =>
          fault(
            'member',
            `login ${name}`,
            made.includes(role)
              ? `is not a member of ${role}`
              : `is not a member of ${role}, and no deploy makes it one`,
            made.includes(role) ? 'deploy the database stack' : wayIn(role, name),
          ),
        ),
      ...has
        .filter((role) => !wanted.includes(role))
        .map((role) =>
          report(
            'member',
            `login ${name}`,
            `is a member of ${role}${NOT_SAID}`,
            revoke(question, live, role, name),
          ),
        ),
      ...membersOf(name, question, live).map((other) =>
        report(
          'member',
          `role ${other}`,
          `${
            onlyAdmin(name, other, live)
              ? `may make itself a member of login ${name}`
              : `is a member of login ${name}, so it may do all that ${name} may`
          }${NOT_SAID}`,
          revoke(question, live, name, other),
        ),
      ),
    ];
  });
}

/** From 16 on, the master and the admin are ADMIN-only members of what they created. */
function membersOf(name: string, { master }: CheckQuestion, live: LiveAccess): string[] {
  return distinct(
    live.memberships
      .filter(({ role, member }) => role === name && member !== master && member !== live.admin)
      .map(({ member }) => member),
  );
}

/** ADMIN without INHERIT and SET: what an admin has of the roles that it made, from 16 on. */
function onlyAdmin(name: string, other: string, live: LiveAccess): boolean {
  return live.memberships
    .filter(({ role, member }) => role === name && member === other)
    .every(({ inheritOption, setOption }) => !inheritOption && !setOption);
}

function rolesOf(name: string, live: LiveAccess): string[] {
  return distinct(live.memberships.filter(({ member }) => member === name).map(({ role }) => role));
}

/** From 16 on, one membership may be granted by several. */
const distinct = (names: readonly string[]) => [...new Set(names)];

const revoke = (question: CheckQuestion, live: LiveAccess, role: string, from: string) =>
  revokeWayOut(
    question,
    live,
    live.memberships.filter((each) => each.role === role && each.member === from),
  );

/** What only somebody else can grant: see `madeMemberships`. */
const wayIn = (role: string, login: string) =>
  role === RDS_IAM
    ? 'if its password should no longer be accepted, write cutover: true in place of adopt: true'
    : grantStatement(role, login);

const NOT_SAID = ', and the environment does not say so';
