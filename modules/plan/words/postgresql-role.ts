import { code } from '../markdown';
import type { ResourceChange } from '../terraform-plan';
import { attributeOf, isForgotten, isUnknown, text, textSet } from '../values';
import type { EmittedType, Words } from './emitted-type';

/** Attributes of a role that give it more than privileges, as the manual has them. */
export const POWERS: Readonly<Record<string, string>> = {
  superuser: 'SUPERUSER',
  create_role: 'CREATEROLE',
  create_database: 'CREATEDB',
  replication: 'REPLICATION',
  bypass_row_level_security: 'BYPASSRLS',
};

export const POSTGRESQL_ROLE: EmittedType = {
  provider: 'cyrilgdn/postgresql',
  emitted: [
    'name',
    'login',
    'roles',
    'connection_limit',
    'statement_timeout',
    'search_path',
    'assume_role',
    'skip_drop_role',
    'skip_reassign_owned',
  ],
  computed: ['id'],
  judged: [...Object.keys(POWERS), 'password', 'password_wo', 'password_wo_version'],
  defaults: {
    bypass_row_level_security: false,
    connection_limit: -1,
    create_database: false,
    create_role: false,
    encrypted_password: true,
    inherit: true,
    login: false,
    replication: false,
    skip_drop_role: false,
    superuser: false,
    statement_timeout: 0,
    idle_in_transaction_session_timeout: 0,
    valid_until: 'infinity',
  },
  subject: ({ address, change }) => {
    const { before, after } = change;
    const isLogin = [before, after].some((role) => attributeOf(role, 'login') === true);
    return `${isLogin ? 'login' : 'group'} ${code(text(after, 'name') ?? text(before, 'name') ?? address)}`;
  },
  words: roleWords,
};

function roleWords(resource: ResourceChange): Words {
  const { change } = resource;
  const { before, after, after_unknown: unknown } = change;
  const name = POSTGRESQL_ROLE.subject?.(resource) ?? '';
  if (isForgotten(change)) return {};
  if (after === null) {
    if (attributeOf(before, 'skip_drop_role') !== true) return { loses: [`${name} is removed`] };
    const mayLogIn = attributeOf(before, 'login') === true ? ', may still log in' : '';
    return {
      changes: [
        `${name} is no longer managed, and is not dropped: it stays in the database${mayLogIn} and keeps its memberships (\`skip_drop_role\`)`,
      ],
    };
  }
  const isCreated = before === null && !change.importing;
  const told: string[] = [];
  const gains: string[] = [];
  const loses: string[] = [];
  for (const [attribute, power] of Object.entries(POWERS)) {
    const [was, is] = [attributeOf(before, attribute), attributeOf(after, attribute)];
    if (isUnknown(unknown, attribute) || typeof is !== 'boolean' || is === was) continue;
    if (is) gains.push(`${name} is given ${power}`);
    else if (was === true) loses.push(`${name} is no longer given ${power}`);
    if (is || was === true) told.push(attribute);
  }
  const [wasIn, isIn] = [textSet(attributeOf(before, 'roles')), textSet(attributeOf(after, 'roles'))];
  const known = wasIn !== undefined && isIn !== undefined && !isUnknown(unknown, 'roles');
  const more = known ? isIn.filter((role) => !wasIn.includes(role)) : [];
  const less = known ? wasIn.filter((role) => !isIn.includes(role)) : [];
  if (more.length + less.length > 0) told.push('roles');
  if (isCreated) {
    const members = more.length > 0 ? `, a member of ${more.map(code).join(', ')}` : '';
    const isLogin = attributeOf(after, 'login') === true;
    const settled = [
      ...(text(after, 'name') === undefined ? [] : ['name']),
      ...(isLogin ? ['login'] : []),
      // A login owns nothing that another role should be given; a group may.
      ...(attributeOf(after, 'skip_reassign_owned') === isLogin ? ['skip_reassign_owned'] : []),
    ];
    return { gains: [`${name} is created${members}`, ...gains], loses, told: [...told, ...settled] };
  }
  const [mightLogIn, mayLogIn] = [attributeOf(before, 'login'), attributeOf(after, 'login')];
  // What it has already comes with it, and is no change.
  const has = change.importing
    ? [
        ...Object.entries(POWERS).flatMap(([attribute, power]) =>
          attributeOf(before, attribute) === true && attributeOf(after, attribute) === true ? [power] : [],
        ),
        ...(known ? isIn.filter((role) => wasIn.includes(role)) : []).map(
          (role) => `the membership in ${code(role)}`,
        ),
      ]
    : [];
  const isSwitched =
    typeof mightLogIn === 'boolean' && typeof mayLogIn === 'boolean' && mightLogIn !== mayLogIn;
  // After `aurora-iam revoke`, a deploy lets the login in again: nobody should have to guess that from NOLOGIN.
  if (isSwitched && mayLogIn) gains.unshift(`${name} may log in again`);
  if (isSwitched && !mayLogIn) loses.unshift(`${name} may not log in any more`);
  return {
    gains: [...gains, ...more.map((role) => `${name} becomes a member of ${code(role)}`)],
    loses: [...loses, ...less.map((role) => `${name} is no longer a member of ${code(role)}`)],
    changes: has.length > 0 ? [`${name} keeps what it has: ${has.join(', ')}`] : [],
    told: [...told, ...(isSwitched ? ['login'] : [])],
  };
}
