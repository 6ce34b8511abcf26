import { type Finding, fault, note } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess, LiveRole } from '../catalog';
import { wayBack } from '../cutover';
import type { CheckQuestion } from '../finding';
import type { AccessModel, LoginRole } from '../model';

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
          ...alterableFindings(login, live),
          ...unreadableSettings(role),
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
  return adopted ? [...alterableFindings(login, live), ...unreadableSettings(role)] : [];
}

/** A membership between two adopted roles is taken for one that was there before. */
function missingMemberships(
  login: LoginRole,
  model: AccessModel,
  live: LiveAccess,
): Finding<'existing' | 'missing' | 'cutover'>[] {
  if (!login.adopted || !live.roles.some(({ name }) => name === login.name)) return [];
  return model.groups
    .filter(
      ({ name, adopted }) =>
        adopted &&
        login.groups.includes(name) &&
        !live.memberships.some(({ role, member }) => role === name && member === login.name),
    )
    .map(({ name }) =>
      fault(
        'existing',
        `login ${login.name}`,
        `is not a member of ${name}, and both are adopted, so no deploy makes it one`,
        `GRANT ${quoteIdentifier(name)} TO ${quoteIdentifier(login.name)};`,
      ),
    );
}

function alterableFindings(
  login: LoginRole,
  live: LiveAccess,
): Finding<'existing' | 'missing' | 'cutover'>[] {
  const { name, actsAs, connectionLimit, statementTimeout, searchPath } = login;
  const role = live.roles.find((each) => each.name === name);
  const changes = [actsAs, connectionLimit, statementTimeout, searchPath].some((each) => each !== undefined);
  if (!role || role.alterable || (!changes && role.login)) return [];
  return [
    fault(
      'existing',
      `login ${name}`,
      `was not created by ${live.admin}, which may not change it`,
      `as somebody who may, run GRANT ${quoteIdentifier(name)} TO ${quoteIdentifier(live.admin)} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE; or take its settings out of the environment`,
    ),
  ];
}

/** The provider's import fails on settings in other units. */
export function unreadableSettings(role: LiveRole): Finding<'existing'>[] {
  return role.settings
    .filter((setting) => /^(statement_timeout|idle_in_transaction_session_timeout)=.*\D/.test(setting))
    .map((setting) => {
      const [name = ''] = setting.split('=');
      return fault(
        'existing',
        `role ${role.name}`,
        `has ${setting}, which the postgresql provider cannot read`,
        `write it in milliseconds: ALTER ROLE ${quoteIdentifier(role.name)} SET ${name} = <number>;`,
      );
    });
}
