import { code } from '../markdown';
import type { ResourceChange, TerraformPlan } from '../terraform-plan';
import {
  attributeOf,
  isAbsent,
  isForgotten,
  isObject,
  isUnknown,
  managed,
  text,
  textSet,
  texts,
} from '../values';
import type { EmittedType, Words } from './emitted-type';

const PLACE = ['role', 'object_type', 'database', 'schema', 'objects', 'columns', 'owner'] as const;
const TOLD = [...PLACE, 'privileges', 'with_grant_option'];

export const POSTGRESQL_GRANT: EmittedType = {
  provider: 'cyrilgdn/postgresql',
  emitted: ['role', 'database', 'object_type', 'schema', 'privileges'],
  computed: ['id'],
  judged: ['with_grant_option'],
  defaults: { with_grant_option: false },
  words: (resource, plan) => grantWords(resource, plan, placeOfGrant),
};

export const POSTGRESQL_DEFAULT_PRIVILEGES: EmittedType = {
  provider: 'cyrilgdn/postgresql',
  emitted: ['role', 'database', 'object_type', 'schema', 'owner', 'privileges'],
  computed: ['id'],
  judged: ['with_grant_option'],
  defaults: { with_grant_option: false },
  words: (resource, plan) => grantWords(resource, plan, placeOfDefault),
};

/** What PUBLIC keeps where an environment locks down. */
export function isLockDown(value: unknown): boolean {
  const privileges = textSet(attributeOf(value, 'privileges'));
  if (text(value, 'role')?.toLowerCase() !== 'public' || privileges === undefined) return false;
  const type = text(value, 'object_type');
  return (
    privileges.length === 0 ||
    (type === 'schema' && text(value, 'schema') === 'public' && privileges.join() === 'USAGE')
  );
}

interface Granted {
  readonly who: string;
  readonly where: string;
  readonly privileges: readonly string[];
  readonly option: string;
}

function grantWords(
  { change }: ResourceChange,
  plan: TerraformPlan,
  placeOf: (value: unknown) => string | undefined,
): Words {
  const { before, after, after_unknown: unknown } = change;
  if (isForgotten(change) || TOLD.some((name) => !isAbsent(after) && isUnknown(unknown, name))) return {};
  const [was, is] = [granted(before, plan, placeOf), granted(after, plan, placeOf)];
  if ((!isAbsent(before) && !was) || (!isAbsent(after) && !is)) return {};
  // What PUBLIC had before nobody has written down: only what it keeps is known.
  if (is && !was && isLockDown(after) && !change.importing) {
    const kept = is.privileges.length > 0 ? is.privileges.join(', ') : 'nothing';
    return { changes: [`${is.who} keeps ${kept} on ${is.where}, and loses the rest`], told: TOLD };
  }
  const same = was && is && was.who === is.who && was.where === is.where && was.option === is.option;
  const more = is ? is.privileges.filter((each) => !same || !was.privileges.includes(each)) : [];
  const less = was ? was.privileges.filter((each) => !same || !is.privileges.includes(each)) : [];
  const told = TOLD.filter((name) => isToldBy(name, before, after, plan, placeOf));
  return {
    gains: is && more.length > 0 ? [`${is.who} gains ${more.join(', ')} on ${is.where}${is.option}`] : [],
    loses: was && less.length > 0 ? [`${was.who} loses ${less.join(', ')} on ${was.where}${was.option}`] : [],
    told: more.length + less.length > 0 ? told : [],
  };
}

/** Whether the words would be others with the other value of this attribute. */
function isToldBy(
  attribute: string,
  before: unknown,
  after: unknown,
  plan: TerraformPlan,
  placeOf: (value: unknown) => string | undefined,
): boolean {
  if (!isObject(before) || !isObject(after)) return true;
  const words = (value: unknown) => JSON.stringify(granted(value, plan, placeOf));
  return words(before) !== words({ ...before, [attribute]: after[attribute] });
}

function granted(
  value: unknown,
  plan: TerraformPlan,
  placeOf: (value: unknown) => string | undefined,
): Granted | undefined {
  const [role, where] = [text(value, 'role'), placeOf(value)];
  const privileges = textSet(attributeOf(value, 'privileges'));
  const option = attributeOf(value, 'with_grant_option') ?? false;
  if (role === undefined || where === undefined || privileges === undefined || typeof option !== 'boolean')
    return undefined;
  return {
    who: role.toLowerCase() === 'public' ? 'everybody (`PUBLIC`)' : groupWords(role, plan),
    where,
    privileges: [...privileges].sort().map(code),
    option: option ? ', and may grant them to others (GRANT OPTION)' : '',
  };
}

function placeOfGrant(value: unknown): string | undefined {
  const [type, database] = [text(value, 'object_type'), text(value, 'database')];
  const schema = attributeOf(value, 'schema') ?? undefined;
  const [objects, columns] = [textSet(attributeOf(value, 'objects')), textSet(attributeOf(value, 'columns'))];
  if (type === undefined || database === undefined || !objects || !columns) return undefined;
  if (schema !== undefined && typeof schema !== 'string') return undefined;
  const named = `${columns.length > 0 ? `columns ${columns.map(code).join(', ')} of ` : ''}`;
  const inDatabase = `database ${code(database)}`;
  if (type === 'database' && schema === undefined && objects.length + columns.length === 0) return inDatabase;
  if (type === 'schema' && schema !== undefined && objects.length + columns.length === 0)
    return `schema ${code(schema)} of ${inDatabase}`;
  const what =
    objects.length > 0 ? `${kindWords(type)} ${objects.map(code).join(', ')}` : `all ${kindWords(type)}`;
  return `${named}${what}${schema === undefined ? '' : ` in schema ${code(schema)}`} of ${inDatabase}`;
}

function placeOfDefault(value: unknown): string | undefined {
  const [type, database, owner] = [text(value, 'object_type'), text(value, 'database'), text(value, 'owner')];
  const schema = attributeOf(value, 'schema') ?? undefined;
  if (type === undefined || database === undefined || owner === undefined) return undefined;
  if (schema !== undefined && typeof schema !== 'string') return undefined;
  const where = schema === undefined ? 'in every schema' : `in schema ${code(schema)}`;
  return `future ${kindWords(type)} of ${code(owner)} ${where} of database ${code(database)}`;
}

function kindWords(type: string): string {
  return /^(table|sequence|function|procedure|routine|type|schema)$/.test(type) ? `${type}s` : code(type);
}

const SHOWN_LOGINS = 5;

/** A group, and the logins that have its privileges: they are whom a reviewer knows. */
function groupWords(group: string, plan: TerraformPlan): string {
  const logins = managed(plan).flatMap(({ type, change }) => {
    const role = change.after ?? change.before;
    const name = text(role, 'name');
    if (type === 'postgresql_grant_role' && text(role, 'grant_role') === group)
      return text(role, 'role') ?? [];
    return type === 'postgresql_role' && name !== undefined && texts(role, 'roles').includes(group)
      ? name
      : [];
  });
  if (logins.length === 0) return `group ${code(group)}`;
  const others = logins.length - SHOWN_LOGINS;
  const shownLogins = logins.slice(0, SHOWN_LOGINS).map(code).join(', ');
  return `group ${code(group)} (${shownLogins}${others > 0 ? ` and ${others} more` : ''})`;
}
