import { type Finding, fault, note } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess, LiveRole } from '../catalog';
import type { CheckQuestion } from '../finding';
import type { LoginRole } from '../model';

/** What the environment says of a role, and what it never says and must therefore be off. */
export function attributes({ model }: CheckQuestion, live: LiveAccess): Finding<'attributes'>[] {
  const roles = new Map(live.roles.map((role) => [role.name, role]));
  return [
    ...model.groups.flatMap(({ name, adopted }) => {
      const role = roles.get(name);
      if (!role) return [];
      return [
        ...commonFindings('group', role, {}, adopted),
        ...(role.login
          ? [
              fault(
                'attributes',
                `group ${name}`,
                'may log in',
                `ALTER ROLE ${quoteIdentifier(name)} NOLOGIN;`,
              ),
            ]
          : []),
      ];
    }),
    ...model.logins.flatMap((login) => {
      const { name, adopted } = login;
      const role = roles.get(name);
      if (!role) return [];
      return [
        ...commonFindings('login', role, login, adopted),
        ...(role.login
          ? []
          : [
              fault(
                'attributes',
                `login ${name}`,
                'may not log in',
                `ALTER ROLE ${quoteIdentifier(name)} LOGIN;`,
              ),
            ]),
      ];
    }),
  ];
}

function commonFindings(
  kind: 'group' | 'login',
  role: LiveRole,
  wanted: Partial<LoginRole>,
  adopted: boolean,
): Finding<'attributes'>[] {
  const { name } = role;
  const quoted = quoteIdentifier(name);
  const findings: Finding<'attributes'>[] = [];
  const forbidden = [
    [role.superuser, 'SUPERUSER'],
    [role.createRole, 'CREATEROLE'],
    [role.createDatabase, 'CREATEDB'],
    [role.replication, 'REPLICATION'],
    [role.bypassRowSecurity, 'BYPASSRLS'],
  ] as const;
  const report = adopted ? note : fault;
  for (const [has, attribute] of forbidden)
    if (has)
      findings.push(
        report('attributes', `${kind} ${name}`, `has ${attribute}`, `ALTER ROLE ${quoted} NO${attribute};`),
      );
  if (!role.inherit)
    findings.push(
      report(
        'attributes',
        `${kind} ${name}`,
        'has NOINHERIT, so its groups give it nothing',
        `ALTER ROLE ${quoted} INHERIT;`,
      ),
    );
  const limit = wanted.connectionLimit ?? -1;
  if (role.connectionLimit !== limit && !(adopted && wanted.connectionLimit === undefined))
    findings.push(
      fault(
        'attributes',
        `${kind} ${name}`,
        `has CONNECTION LIMIT ${role.connectionLimit} instead of ${limit}`,
        `ALTER ROLE ${quoted} CONNECTION LIMIT ${limit};`,
      ),
    );
  return [...findings, ...settingFindings(kind, role, wanted, adopted)];
}

function settingFindings(
  kind: 'group' | 'login',
  role: LiveRole,
  wanted: Partial<LoginRole>,
  adopted: boolean,
): Finding<'attributes'>[] {
  const { name } = role;
  const settings = new Map([
    ['role', wanted.actsAs],
    [
      'statement_timeout',
      wanted.statementTimeout === undefined ? undefined : String(wanted.statementTimeout),
    ],
    ['search_path', wanted.searchPath?.join(', ')],
  ]);
  const has = new Map(
    role.settings.map((setting) => {
      const [key = '', ...value] = setting.split('=');
      // PostgreSQL quotes names where it must; names with quotes in them are refused in environments.
      return [key, key === 'search_path' ? value.join('=').replaceAll('"', '') : value.join('=')];
    }),
  );
  const differing = [...new Set([...has.keys(), ...settings.keys()])].flatMap((key) => {
    const is = has.get(key);
    const should = settings.get(key);
    if (is === should || (adopted && should === undefined)) return [];
    return [
      fault(
        'attributes',
        `${kind} ${name}`,
        `has ${key} ${is === undefined ? 'not set' : `= ${is}`} instead of ${should === undefined ? 'no setting' : should}`,
        should === undefined
          ? `ALTER ROLE ${quoteIdentifier(name)} RESET ${key};`
          : 'deploy the database stack',
      ),
    ];
  });
  const inOneDatabase = role.databaseSettings.map((setting) =>
    (setting.includes(': role=') && wanted.actsAs !== undefined ? fault : note)(
      'attributes',
      `${kind} ${name}`,
      `has a setting for one database, which overrides the setting for all: ${setting}`,
      `ALTER ROLE ${quoteIdentifier(name)} IN DATABASE <database> RESET <setting>;`,
    ),
  );
  return [...differing, ...inOneDatabase];
}
