import { quoteIdentifier } from '../names/sql';
import type { LiveAccess, LiveRole } from './catalog';
import { type AccessFinding, type CheckQuestion, lockOuts } from './check';
import { wayBack } from './cutover';
import type { AccessModel, GroupRole, LoginRole } from './model';
import { privilegeDifferences } from './privilege-differences';

const fault = (rule: string, message: string): AccessFinding => ({ severity: 'fault', rule, message });
const note = (rule: string, message: string): AccessFinding => ({ severity: 'note', rule, message });

/**
 * Compares a live cluster with what an environment is about to do, before a deploy: what would fail half-way, and what would
 * be taken away from whom without a plan saying so (the provider revokes before it grants).
 */
export function preflight(question: CheckQuestion, live: LiveAccess): AccessFinding[] {
  const { model } = question;
  return [
    ...adminFindings(model, live),
    ...lockOuts(question, live),
    ...missingFindings(model, live),
    ...ownerFindings(model, live),
    ...model.groups.flatMap((group) => groupFindings(group, model, live)),
    ...model.logins.flatMap((login) => [
      ...loginFindings(login, live),
      ...missingMemberships(login, model, live),
    ]),
    ...takenAway(model, live),
    ...lockDownFindings(model, live),
  ].map((finding) => ({ ...finding, message: finding.message.replace(/\p{Cc}/gu, ' ') }));
}

function adminFindings(model: AccessModel, live: LiveAccess): AccessFinding[] {
  const admin = live.roles.find(({ name }) => name === live.admin);
  if (!admin || admin.superuser) return [];
  const findings: AccessFinding[] = [];
  if (!admin.createRole)
    findings.push(
      fault(
        'admin',
        `the admin ${live.admin} may not create roles: as the master, ALTER ROLE ${quoteIdentifier(live.admin)} CREATEROLE;`,
      ),
    );
  const iam = live.roles.find(({ name }) => name === 'rds_iam');
  if (!iam) findings.push(fault('admin', 'there is no role rds_iam: this is not a cluster of RDS'));
  else if (!iam.alterable)
    findings.push(
      fault(
        'admin',
        `the admin ${live.admin} may not grant rds_iam: as the master, GRANT rds_iam TO ${quoteIdentifier(live.admin)} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`,
      ),
    );
  for (const name of new Set(model.logins.flatMap(({ predefinedRoles }) => predefinedRoles))) {
    const role = live.roles.find((each) => each.name === name);
    if (!role)
      findings.push(
        fault('missing', `PostgreSQL ${live.serverMajor} has no role ${name}; take it out of memberOf`),
      );
    else if (!role.alterable)
      findings.push(
        fault(
          'admin',
          `the admin ${live.admin} may not grant ${name}: take it out of memberOf, or have it granted to the admin WITH ADMIN OPTION`,
        ),
      );
  }
  return findings;
}

function missingFindings(model: AccessModel, live: LiveAccess): AccessFinding[] {
  const findings: AccessFinding[] = [];
  for (const database of model.databases)
    if (!live.databases.some(({ name }) => name === database))
      findings.push(
        fault(
          'missing',
          `database ${database} does not exist; create it (CREATE DATABASE ${quoteIdentifier(database)};), or take it out of the environment`,
        ),
      );
  const creators = new Set(model.defaultPrivileges.map(({ creator }) => creator));
  for (const creator of creators)
    if (
      !live.roles.some(({ name }) => name === creator) &&
      !model.groups.some(({ name }) => name === creator)
    )
      findings.push(fault('missing', `creator ${creator} does not exist; take it out of creators`));
  const schemas = new Set<string>();
  for (const { database, schema } of model.grants)
    if (schema !== undefined) schemas.add(JSON.stringify([database, schema]));
  for (const key of schemas) {
    const [database, schema] = JSON.parse(key) as [string, string];
    const there = live.inDatabases[database]?.objects.some(
      (each) => each.type === 'schema' && each.schema === schema,
    );
    const made = model.schemas.some((each) => each.database === database && each.schema === schema);
    if (live.inDatabases[database] && !there && !made)
      findings.push(
        fault(
          'missing',
          `schema ${schema} is not in database ${database}; name it in an owner group, which makes it, or create it`,
        ),
      );
  }
  return findings;
}

/** One object whose owner the admin cannot be a member of makes every grant in its schema fail. */
function ownerFindings(model: AccessModel, live: LiveAccess): AccessFinding[] {
  const { admin } = live;
  return Object.entries(live.inDatabases).flatMap(([database, { objects }]) =>
    objects.flatMap(({ type, schema, name, owner, ownerReachable, ownerSuperuser }) => {
      if (ownerReachable) return [];
      const concerned = model.grants.some(
        (grant) =>
          grant.database === database &&
          grant.schema === schema &&
          // The provider wants to be a member of the owner of the schema, and of all tables in it, whatever it grants there.
          (type === 'schema' ||
            type === grant.objectType ||
            (type === 'table' && grant.objectType !== 'schema')),
      );
      if (!concerned) return [];
      return [
        fault(
          'owner',
          `${type} ${name} in database ${database} belongs to ${ownerSuperuser ? 'the superuser ' : ''}${owner}, which ${admin} cannot be a member of, so grants in ` +
            `schema ${schema} fail: ${
              ownerSuperuser
                ? 'move it to another schema, or take the schema out of the environment'
                : `GRANT ${quoteIdentifier(owner)} TO ${quoteIdentifier(admin)}; as somebody who may, or take the schema out of the environment`
            }`,
        ),
      ];
    }),
  );
}

function groupFindings(group: GroupRole, model: AccessModel, live: LiveAccess): AccessFinding[] {
  const { name, adopted } = group;
  const role = live.roles.find((each) => each.name === name);
  if (!role)
    return adopted
      ? [fault('missing', `group ${name} is to be adopted and does not exist; take adopt out`)]
      : [];
  const findings = adopted ? unreadableSettings(role) : [];
  if (role.login)
    findings.push(
      fault('group', `group ${name} is a login: it would lose LOGIN; choose another name for the group`),
    );
  if (live.memberships.some((each) => each.member === name && each.role === 'rds_iam'))
    findings.push(
      fault(
        'locked-out',
        `group ${name} is a member of rds_iam, and so are all its members: REVOKE rds_iam FROM ${quoteIdentifier(name)};`,
      ),
    );
  if (!role.alterable && model.logins.some(({ groups }) => groups.includes(name)))
    findings.push(
      fault(
        'existing',
        `group ${name} was not made by ${live.admin}, which may not give it to anybody: GRANT ${quoteIdentifier(name)} TO ${quoteIdentifier(live.admin)} WITH ADMIN OPTION; as somebody who may`,
      ),
    );
  return findings;
}

/** Of settings in other units the provider's import fails. */
function unreadableSettings(role: LiveRole): AccessFinding[] {
  return role.settings
    .filter((setting) => /^(statement_timeout|idle_in_transaction_session_timeout)=.*\D/.test(setting))
    .map((setting) => {
      const [name = ''] = setting.split('=');
      return fault(
        'existing',
        `${role.name} has ${setting}, which the postgresql provider cannot read: write it in milliseconds, ALTER ROLE ${quoteIdentifier(role.name)} SET ${name} = <number>;`,
      );
    });
}

function loginFindings(login: LoginRole, live: LiveAccess): AccessFinding[] {
  const { name, adopted, cutover } = login;
  const role = live.roles.find((each) => each.name === name);
  const inRdsIam = live.waysToRdsIam[name] !== undefined;
  if (!role)
    return adopted
      ? [
          fault(
            'missing',
            `login ${name} is to be ${cutover ? 'cut over' : 'adopted'} and does not exist; take ${cutover ? 'cutover' : 'adopt'} out`,
          ),
        ]
      : [];
  if (cutover)
    return inRdsIam
      ? [note('cutover', `login ${name} is in rds_iam: the cutover is done. The way back: ${wayBack(name)}`)]
      : [
          note(
            'cutover',
            `login ${name} is put into rds_iam: from its next connect on no password of it is accepted, open sessions go on. The way back: ${wayBack(name)}`,
          ),
          ...alterableFindings(login, live),
          ...unreadableSettings(role),
        ];
  if (!inRdsIam && role.login)
    return [
      fault(
        'existing',
        `login ${name} exists and is not in rds_iam: as a member it could no longer log in by password. Name a second login beside it (${name}_iam) in the same groups, or say cutover: true`,
      ),
    ];
  return adopted ? [...alterableFindings(login, live), ...unreadableSettings(role)] : [];
}

/** A membership between two adopted roles is taken for one that was there before. */
function missingMemberships(login: LoginRole, model: AccessModel, live: LiveAccess): AccessFinding[] {
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
        `login ${login.name} is not a member of ${name}, and both are adopted, so nothing here makes it one: GRANT ${quoteIdentifier(name)} TO ${quoteIdentifier(login.name)};`,
      ),
    );
}

function alterableFindings(login: LoginRole, live: LiveAccess): AccessFinding[] {
  const { name, actsAs, connectionLimit, statementTimeout, searchPath } = login;
  const role = live.roles.find((each) => each.name === name);
  const changes = [actsAs, connectionLimit, statementTimeout, searchPath].some((each) => each !== undefined);
  if (!role || role.alterable || (!changes && role.login)) return [];
  return [
    fault(
      'existing',
      `login ${name} was not made by ${live.admin}, which may not change it: GRANT ${quoteIdentifier(name)} TO ${quoteIdentifier(live.admin)} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE; as somebody who may, or take its settings out of the environment`,
    ),
  ];
}

/** No plan shows this of an adopted group: the grants are new to Terraform. */
function takenAway(model: AccessModel, live: LiveAccess): AccessFinding[] {
  return privilegeDifferences(model, live).flatMap(({ group, database, object, wanted, extra }) => {
    const role = model.groups.find(({ name }) => name === group);
    // Where the model grants nothing, nothing is revoked either.
    if (wanted === undefined || !role?.adopted) return [];
    const refused = extra.filter((privilege) => !role.revokes.includes(privilege));
    const written = extra.filter((privilege) => role.revokes.includes(privilege));
    const where = `on ${object} in database ${database}`;
    return [
      ...(refused.length > 0
        ? [
            fault(
              'taken-away',
              `group ${group} has ${refused.join(', ')} ${where}, and would lose it: grant it in the environment, or write adopt: { revokes: [${refused.map((each) => `'${each}'`).join(', ')}] }`,
            ),
          ]
        : []),
      ...(written.length > 0
        ? [note('taken-away', `group ${group} loses ${written.join(', ')} ${where}, as written`)]
        : []),
    ];
  });
}

function lockDownFindings(model: AccessModel, live: LiveAccess): AccessFinding[] {
  const locked = new Set(model.publicGrants.map(({ database }) => database));
  return [...locked].flatMap((database) => {
    const found = live.databases.find(({ name }) => name === database);
    if (!found) return [];
    const findings: AccessFinding[] = [];
    const ways = groupsOf(live);
    const admin = live.roles.find(({ name }) => name === live.admin);
    if (found.owner !== live.admin && !admin?.superuser && !ways(live.admin).has(found.owner))
      findings.push(
        fault(
          'lock-down',
          `database ${database} belongs to ${found.owner}, so ${live.admin} cannot take anything from PUBLIC: set lockDown: false, or run REVOKE CONNECT, TEMPORARY ON DATABASE ${quoteIdentifier(database)} FROM PUBLIC; as ${found.owner}`,
        ),
      );
    const connect = new Set(
      found.privileges.filter(({ privilege }) => privilege === 'CONNECT').map(({ grantee }) => grantee),
    );
    if (!connect.has('')) return findings;
    const planned = model.grants
      .filter((grant) => grant.database === database && grant.objectType === 'database')
      .map(({ group }) => group);
    const allowed = new Set([...connect, ...planned, found.owner]);
    const managed = new Set(model.logins.map(({ name }) => name));
    const losing = live.roles.filter(
      ({ name, login, superuser }) =>
        login && !superuser && !managed.has(name) && ![name, ...ways(name)].some((each) => allowed.has(each)),
    );
    if (losing.length > 0)
      findings.push(
        note(
          'lock-down',
          `lockDown takes CONNECT on database ${database} from ${losing.map(({ name }) => name).join(', ')}, who have it through PUBLIC only`,
        ),
      );
    return findings;
  });
}

/** Role -> all it is a member of, however indirectly. */
function groupsOf(live: LiveAccess): (role: string) => Set<string> {
  return (role) => {
    const found = new Set<string>();
    const visit = (member: string) => {
      for (const membership of live.memberships)
        if (membership.member === member && !found.has(membership.role)) {
          found.add(membership.role);
          visit(membership.role);
        }
    };
    visit(role);
    return found;
  };
}
