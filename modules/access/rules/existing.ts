import { type Finding, fault, note } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess, LiveRole } from '../catalog';
import { wayBack } from '../cutover';
import type { CheckQuestion } from '../finding';
import { grantStatement } from '../membership-statements';
import { type AccessModel, hasSettings, type LoginRole, madeMemberships } from '../model';

/** Logins that are there before the deploy: adopted (`existing`), cut over (`cutover`), or met by accident. */
export function existing(
  { model }: CheckQuestion,
  live: LiveAccess,
): Finding<'existing' | 'missing' | 'cutover'>[] {
  return model.logins.flatMap((login) => [
    ...loginFindings(login, live),
    ...missingMemberships(login, model, live),
  ]);
}

function loginFindings(login: LoginRole, live: LiveAccess): Finding<'existing' | 'missing' | 'cutover'>[] {
  const { name, adopted, cutover } = login;
  const role = live.roles.find((each) => each.name === name);
  const inRdsIam = live.waysToRdsIam.has(name);
  if (!role)
    return adopted
      ? [
          fault(
            'missing',
            `login ${name}`,
            `is to be ${cutover ? 'cut over' : 'adopted'} and does not exist`,
            `take ${cutover ? 'cutover' : 'adopt'} out`,
          ),
        ]
      : [];
  if (cutover)
    return inRdsIam
      ? [
          note(
            'cutover',
            `login ${name}`,
            'is in rds_iam: the cutover is done',
            `to go back: ${wayBack(name)}`,
          ),
        ]
      : [
          note(
            'cutover',
            `login ${name}`,
            'is put into rds_iam: its password is refused from the next connect on, and open sessions go on',
            `to go back: ${wayBack(name)}`,
          ),
          ...imported(login, role),
        ];
  if (!inRdsIam && role.login)
    return [
      fault(
        'existing',
        `login ${name}`,
        'exists and is not in rds_iam: as a member it could no longer log in by password',
        `name a second login beside it (${name}_iam) in the same groups, or write cutover: true`,
      ),
    ];
  return adopted ? imported(login, role) : [];
}

/** A membership between two adopted roles is taken for one that was there before. */
function missingMemberships(
  login: LoginRole,
  model: AccessModel,
  live: LiveAccess,
): Finding<'existing' | 'missing' | 'cutover'>[] {
  if (!live.roles.some(({ name }) => name === login.name)) return [];
  const made = madeMemberships(model, login);
  return login.groups
    .filter(
      (group) =>
        !made.includes(group) &&
        live.roles.some(({ name }) => name === group) &&
        !live.memberships.some(({ role, member }) => role === group && member === login.name),
    )
    .map((group) =>
      fault(
        'existing',
        `login ${login.name}`,
        `is not a member of ${group}, and both are adopted, so no deploy makes it one`,
        grantStatement(group, login.name),
      ),
    );
}

/** Only with settings does it come into Terraform's state, by an import that sets LOGIN and fails on settings in other units. */
function imported(login: LoginRole, role: LiveRole): Finding<'existing'>[] {
  if (!hasSettings(login))
    return role.login
      ? []
      : [
          fault(
            'existing',
            `login ${role.name}`,
            'has NOLOGIN, and a deploy does not change the attributes of an adopted login',
            `ALTER ROLE ${quoteIdentifier(role.name)} LOGIN;`,
          ),
        ];
  return role.settings
    .filter((setting) => /^(statement_timeout|idle_in_transaction_session_timeout)=.*\D/.test(setting))
    .map((setting) => {
      const [name = ''] = setting.split('=');
      return fault(
        'existing',
        `login ${role.name}`,
        `has ${setting}, which the postgresql provider cannot read`,
        `write it in milliseconds: ALTER ROLE ${quoteIdentifier(role.name)} SET ${name} = <number>;`,
      );
    });
}
