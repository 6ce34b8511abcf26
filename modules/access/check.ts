import { quoteIdentifier } from '../names/sql';
import type { LiveAccess, LiveRole } from './catalog';
import type { AccessModel, GroupRole, LoginRole } from './model';
import { privilegeDifferences } from './privilege-differences';
import { judgeMembership } from './rds-iam-membership';

/** Something about a live cluster that a person should know. */
export interface AccessFinding {
  /** A `fault` is to be mended; a `note` is for information. */
  readonly severity: 'fault' | 'note';
  /** Stable: for scripts. */
  readonly rule: string;
  /** What is so, and the way out, in one line. */
  readonly message: string;
}

export interface CheckQuestion {
  readonly model: AccessModel;
  /** The cluster's master, and how the environment's admin logs in. */
  readonly master: string;
  readonly adminByIam: boolean;
  /** Members of rds_iam that somebody else manages. */
  readonly otherIamLogins: readonly string[];
}

/**
 * Compares a live cluster with what an environment says, after a deploy. It sees what no plan sees: members from outside,
 * rights given to logins or PUBLIC, columns, grant options, owners. Whether a role has a password is not to be seen: only a
 * superuser may read that, and RDS has none for us.
 */
export function checkAccess(question: CheckQuestion, live: LiveAccess): AccessFinding[] {
  const { model } = question;
  return [
    ...lockOuts(question, live),
    ...model.groups.flatMap((group) => groupFindings(group, model, question, live)),
    ...model.logins.flatMap((login) => loginFindings(login, live)),
    ...privilegeFindings(model, live),
    ...publicFindings(model, live),
    ...defaultFindings(model, live),
    ...ownerFindings(model, live),
  ].map((finding) => ({ ...finding, message: finding.message.replace(/\p{Cc}/gu, ' ') }));
}

const fault = (rule: string, message: string): AccessFinding => ({ severity: 'fault', rule, message });
const note = (rule: string, message: string): AccessFinding => ({ severity: 'note', rule, message });

/** Who can no longer log in by password. Three answers: not at all, on vanilla PostgreSQL only as far as known, for certain. */
export function lockOuts(
  { model, master, adminByIam, otherIamLogins }: CheckQuestion,
  live: LiveAccess,
): AccessFinding[] {
  const expected = [...model.logins.map(({ name }) => name), ...otherIamLogins];
  if (adminByIam) expected.push(live.admin);
  return Object.entries(live.waysToRdsIam).flatMap(([name, ways]) => {
    if (expected.includes(name)) return [];
    const { membership, through, reason } = judgeMembership(ways, 'vanilla');
    const what = name === master ? `the master ${name}` : name === live.admin ? `the admin ${name}` : name;
    if (membership === 'none') return [];
    if (membership === 'admin-only')
      return [
        note(
          'admin-only',
          `${what} is ${reason.replace(/, which .*/, '')}: PostgreSQL itself would refuse its password; of RDS it is not known, and believed not. ` +
            'From PostgreSQL 16 on whoever creates a role is such a member of it',
        ),
      ];
    const revoke = through
      .map((role) => `REVOKE ${quoteIdentifier(role)} FROM ${quoteIdentifier(name)};`)
      .join(' ');
    return [
      fault(
        'locked-out',
        `${what} is ${reason}: a password of it is refused. If it logs in by password: ${revoke} If it is an IAM login of somebody else, name it in otherIamLogins`,
      ),
    ];
  });
}

function groupFindings(
  group: GroupRole,
  model: AccessModel,
  { master }: CheckQuestion,
  live: LiveAccess,
): AccessFinding[] {
  const { name } = group;
  const role = live.roles.find((each) => each.name === name);
  if (!role) return [fault('missing', `group ${name} does not exist; deploy the database stack`)];
  const findings = attributeFindings('group', role, {}, group.adopted);
  if (role.login)
    findings.push(
      fault('attributes', `group ${name} may log in: ALTER ROLE ${quoteIdentifier(name)} NOLOGIN;`),
    );
  // The master is an ADMIN-only member of what it created.
  for (const { role: granted, member } of live.memberships)
    if (granted === name && member !== master && member !== live.admin) {
      const login = model.logins.find((each) => each.name === member);
      if (!login?.groups.includes(name) && !login?.adopted)
        findings.push(
          fault(
            'member',
            `${member} is a member of group ${name}, and the environment does not say so: REVOKE ${quoteIdentifier(name)} FROM ${quoteIdentifier(member)};`,
          ),
        );
    } else if (member === name && granted === 'rds_iam')
      findings.push(
        fault(
          'locked-out',
          `group ${name} is a member of rds_iam, and so are all its members: REVOKE rds_iam FROM ${quoteIdentifier(name)};`,
        ),
      );
    else if (member === name)
      findings.push(
        (group.adopted ? note : fault)(
          'member',
          `group ${name} is a member of ${granted}, and has its privileges: REVOKE ${quoteIdentifier(granted)} FROM ${quoteIdentifier(name)};`,
        ),
      );
  const places = model.grants.filter((grant) => grant.group === name).map(({ database }) => database);
  for (const { role: of, kind, database, count } of live.dependencies)
    if (of === name && kind === 'has privileges on' && database !== null && !places.includes(database))
      findings.push(
        fault(
          'privileges',
          `group ${name} has privileges on ${objects(count)} of database ${database}, where the environment gives it none`,
        ),
      );
  return findings;
}

function loginFindings(login: LoginRole, live: LiveAccess): AccessFinding[] {
  const { name } = login;
  const role = live.roles.find((each) => each.name === name);
  if (!role) return [fault('missing', `login ${name} does not exist; deploy the database stack`)];
  const quoted = quoteIdentifier(name);
  const findings = attributeFindings('login', role, login, login.adopted);
  if (!role.login)
    findings.push(fault('attributes', `login ${name} may not log in: ALTER ROLE ${quoted} LOGIN;`));
  const wanted = ['rds_iam', ...login.predefinedRoles, ...login.groups];
  const memberships = live.memberships.filter(({ member }) => member === name);
  for (const missing of wanted.filter((granted) => !memberships.some(({ role: has }) => has === granted)))
    findings.push(fault('member', `login ${name} is not a member of ${missing}; deploy the database stack`));
  for (const { role: granted, adminOption } of memberships) {
    if (!wanted.includes(granted))
      findings.push(
        (login.adopted ? note : fault)(
          'member',
          `login ${name} is a member of ${granted}, and the environment does not say so: REVOKE ${quoteIdentifier(granted)} FROM ${quoted};`,
        ),
      );
    if (adminOption)
      findings.push(
        fault(
          'admin-option',
          `login ${name} may make others members of ${granted}: REVOKE ADMIN OPTION FOR ${quoteIdentifier(granted)} FROM ${quoted};`,
        ),
      );
  }
  for (const { role: of, kind, database, count } of live.dependencies) {
    if (of !== name) continue;
    const where = database === null ? 'the cluster' : `database ${database}`;
    const example = database === null ? undefined : live.inDatabases[database]?.examples[name];
    if (kind === 'owns')
      findings.push(
        (login.adopted ? note : fault)(
          'owner',
          `login ${name} owns ${objects(count)} of ${where}${example ? `, such as ${example}` : ''}; hand it over (ALTER … OWNER TO an owner group): ` +
            'nobody else has rights on it, and the login cannot be dropped. A session of actsAs that ran SET ROLE NONE makes such things',
        ),
      );
    else
      findings.push(
        (login.adopted ? note : fault)(
          'privileges',
          `login ${name} has privileges of its own on ${objects(count)} of ${where}; revoke them, and give them to a group`,
        ),
      );
  }
  return findings;
}

/** What the environment says of a role, and what nobody says and must be off. */
function attributeFindings(
  kind: 'group' | 'login',
  role: LiveRole,
  wanted: Partial<LoginRole>,
  adopted: boolean,
): AccessFinding[] {
  const { name } = role;
  const quoted = quoteIdentifier(name);
  const findings: AccessFinding[] = [];
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
        report('attributes', `${kind} ${name} has ${attribute}: ALTER ROLE ${quoted} NO${attribute};`),
      );
  if (!role.inherit)
    findings.push(
      report(
        'attributes',
        `${kind} ${name} has NOINHERIT, so its groups give it nothing: ALTER ROLE ${quoted} INHERIT;`,
      ),
    );
  const limit = wanted.connectionLimit ?? -1;
  if (role.connectionLimit !== limit && !(adopted && wanted.connectionLimit === undefined))
    findings.push(
      fault(
        'attributes',
        `${kind} ${name} has CONNECTION LIMIT ${role.connectionLimit} in the place of ${limit}: ALTER ROLE ${quoted} CONNECTION LIMIT ${limit};`,
      ),
    );
  const settings: Readonly<Record<string, string | undefined>> = {
    role: wanted.actsAs,
    statement_timeout: wanted.statementTimeout === undefined ? undefined : String(wanted.statementTimeout),
    search_path: wanted.searchPath?.join(', '),
  };
  const has = new Map(
    role.settings.map((setting) => {
      const [key = '', ...value] = setting.split('=');
      // PostgreSQL quotes names where it must; names with quotes in them are refused in environments.
      return [key, key === 'search_path' ? value.join('=').replaceAll('"', '') : value.join('=')];
    }),
  );
  for (const key of new Set([...has.keys(), ...Object.keys(settings)])) {
    const is = has.get(key);
    const should = settings[key];
    if (is === should || (adopted && should === undefined)) continue;
    findings.push(
      fault(
        'attributes',
        `${kind} ${name} has ${key} ${is === undefined ? 'not set' : `= ${is}`} in the place of ${should === undefined ? 'no setting' : should}`,
      ),
    );
  }
  for (const setting of role.databaseSettings)
    findings.push(
      (setting.includes(': role=') && wanted.actsAs !== undefined ? fault : note)(
        'attributes',
        `${kind} ${name} has a setting in one database, which goes before that of all: ${setting}`,
      ),
    );
  return findings;
}

function privilegeFindings(model: AccessModel, live: LiveAccess): AccessFinding[] {
  return privilegeDifferences(model, live).flatMap((difference) => {
    const { group, database, object, missing, extra, grantable, onColumns } = difference;
    const where = `on ${object}${object.startsWith('database ') ? '' : ` in database ${database}`}`;
    return [
      missing.length > 0 &&
        fault('privileges', `group ${group} lacks ${missing.join(', ')} ${where}; deploy the database stack`),
      extra.length > 0 &&
        fault(
          'privileges',
          `group ${group} has ${extra.join(', ')} ${where}, and the environment does not say so; revoke it, or grant it in the environment`,
        ),
      grantable.length > 0 &&
        fault(
          'grant-option',
          `group ${group} may hand ${grantable.join(', ')} on ${where}; revoke the grant option`,
        ),
      onColumns.length > 0 &&
        fault(
          'columns',
          `group ${group} has ${onColumns.join(', ')} ${where}, and the environment does not say so; revoke it`,
        ),
    ].filter((finding) => finding !== false);
  });
}

/** What everybody may. Extensions grant to PUBLIC on purpose, so this is for information, but for what lockDown takes. */
function publicFindings(model: AccessModel, live: LiveAccess): AccessFinding[] {
  const locked = model.publicGrants.flatMap(({ database, objectType, schema, privileges }) => {
    const object =
      objectType === 'database'
        ? live.databases.find(({ name }) => name === database)
        : live.inDatabases[database]?.objects.find(
            (each) => each.type === 'schema' && each.schema === schema,
          );
    const extra = (object?.privileges ?? [])
      .filter(({ grantee, privilege }) => grantee === '' && !privileges.includes(privilege))
      .map(({ privilege }) => privilege);
    return extra.length === 0
      ? []
      : [
          fault(
            'public',
            `PUBLIC has ${extra.join(', ')} on ${objectType} ${schema ?? database}${schema ? ` of database ${database}` : ''}, which lockDown takes; deploy the database stack`,
          ),
        ];
  });
  const schemas = model.grants.flatMap(({ database, schema }) =>
    schema === undefined ? [] : [[database, schema]],
  );
  const open = Object.entries(live.inDatabases).flatMap(([database, { objects: all }]) =>
    all
      .filter(
        ({ type, schema }) =>
          (type === 'table' || type === 'sequence') &&
          schemas.some(([d, s]) => d === database && s === schema),
      )
      .flatMap(({ type, name, privileges }) => {
        const granted = privileges.filter(({ grantee }) => grantee === '').map(({ privilege }) => privilege);
        return granted.length === 0
          ? []
          : [
              note(
                'public',
                `PUBLIC has ${granted.join(', ')} on ${type} ${name} of database ${database}: every login does`,
              ),
            ];
      }),
  );
  return [...locked, ...open];
}

/** Who else is given what the owner groups will make. */
function defaultFindings(model: AccessModel, live: LiveAccess): AccessFinding[] {
  const groups = model.groups.map(({ name }) => name);
  return Object.entries(live.inDatabases).flatMap(([database, { defaults }]) =>
    defaults.flatMap(({ creator, schema, type, privileges }) => {
      const owner = model.groups.find(({ name }) => name === creator);
      const listed = model.defaultPrivileges.some(
        (each) => each.creator === creator && each.database === database,
      );
      if (!owner && !listed) return [];
      const others = privileges.filter(({ grantee }) => grantee !== creator && !groups.includes(grantee));
      return [...new Set(others.map(({ grantee }) => grantee))].map((grantee) =>
        (owner && !owner.adopted ? fault : note)(
          'defaults',
          `${grantee || 'PUBLIC'} will have ${others
            .filter((each) => each.grantee === grantee)
            .map(({ privilege }) => privilege)
            .join(
              ', ',
            )} on future ${type}s of ${creator} in ${schema ?? 'every schema'} of database ${database}, and the environment does not say so`,
        ),
      );
    }),
  );
}

/** Tables whose later siblings nobody will reach, and schemas that belong to somebody else. */
function ownerFindings(model: AccessModel, live: LiveAccess): AccessFinding[] {
  const findings: AccessFinding[] = [];
  const logins = model.logins.map(({ name }) => name);
  for (const [database, { objects: all }] of Object.entries(live.inDatabases)) {
    const makers = new Map<string, string>();
    for (const { type, schema, name, owner } of all) {
      const reached = model.grants.filter(
        (grant) => grant.database === database && grant.schema === schema && grant.objectType === type,
      );
      const known = model.defaultPrivileges.some(
        (each) => each.database === database && each.schema === schema && each.creator === owner,
      );
      if (type === 'table' && reached.length > 0 && !known && !logins.includes(owner))
        makers.set(JSON.stringify([schema, owner]), name);
    }
    for (const [key, example] of makers) {
      const [schema, owner] = JSON.parse(key) as [string, string];
      findings.push(
        note(
          'creator',
          `${owner} owns tables of schema ${schema} in database ${database}, such as ${example}: what it makes later is reached after a deploy only; list it in creators, or hand them over`,
        ),
      );
    }
    for (const { schema, owner } of model.schemas.filter((each) => each.database === database)) {
      const found = all.find((each) => each.type === 'schema' && each.schema === schema);
      if (!found)
        findings.push(
          fault(
            'missing',
            `schema ${schema} is not in database ${database}; run npx aurora-iam schemas <env>`,
          ),
        );
      else if (found.owner !== owner)
        findings.push(
          note(
            'owner',
            `schema ${schema} of database ${database} belongs to ${found.owner}, not to ${owner}: it was there before, and stays as it is`,
          ),
        );
    }
  }
  return findings;
}

function objects(count: number): string {
  return count === 1 ? '1 object' : `${count} objects`;
}
