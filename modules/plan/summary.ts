import { OWN_NAME } from '../names/arn';
import {
  attributeOf,
  connectChanges,
  type Holder,
  isUnknown,
  managed,
  type Right,
  text,
  texts,
} from './connect-access';
import type { PlanFinding } from './review';
import { SECRET_NAMES } from './secrets';
import type { ResourceChange, TerraformPlan } from './terraform-plan';

/** What a plan does, in words: who gains and loses what. */
export interface PlanSummary {
  readonly gains: readonly string[];
  readonly loses: readonly string[];
  /** Everything else that is done. */
  readonly changes: readonly string[];
}

/** Pure. Names stand between backquotes, for Markdown as for a terminal. */
export function planSummary(plan: TerraformPlan): PlanSummary {
  const gains: string[] = [];
  const loses: string[] = [];
  const changes: string[] = [];
  const connect = connectChanges(plan);
  for (const { holder, right } of connect.gains)
    gains.push(`${holderWords(holder)} may ${rightWords(right)}`);
  for (const { holder, right } of connect.loses)
    loses.push(`${holderWords(holder)} may no longer ${rightWords(right)}`);
  for (const holder of connect.unknown)
    changes.push(`${holderWords(holder)} gets a policy that is known after the apply only`);
  for (const resource of managed(plan)) {
    if (resource.change.actions.every((action) => action === 'no-op') && !resource.change.importing) continue;
    const words = WORDS[resource.type]?.(resource, plan) ?? { changes: [inGeneral(resource)] };
    gains.push(...(words.gains ?? []));
    loses.push(...(words.loses ?? []));
    changes.push(...(words.changes ?? []));
  }
  return { gains, loses, changes };
}

export function isEmpty({ gains, loses, changes }: PlanSummary): boolean {
  return [gains, loses, changes].every((lines) => lines.length === 0);
}

type Words = Partial<PlanSummary>;

/** By type of resource. Policies and attachments are told by who may connect. */
const WORDS: Readonly<Record<string, (resource: ResourceChange, plan: TerraformPlan) => Words>> = {
  aws_iam_policy: policyWords,
  aws_iam_role_policy: () => ({}),
  aws_iam_user_policy: () => ({}),
  aws_iam_group_policy: () => ({}),
  aws_iam_role_policy_attachment: () => ({}),
  aws_iam_user_policy_attachment: () => ({}),
  aws_iam_group_policy_attachment: () => ({}),
  aws_iam_role: roleWords,
  postgresql_role: databaseRoleWords,
  postgresql_grant_role: membershipWords,
  postgresql_grant: grantWords,
  postgresql_default_privileges: defaultWords,
};

/** A policy's text is told by its holders; that it goes, or is made, is not. */
function policyWords({ change }: ResourceChange): Words {
  const name = code(text(change.after, 'name') ?? text(change.before, 'name') ?? '?');
  if (change.before === null) return { changes: [`policy ${name} is created`] };
  return change.after === null ? { changes: [`policy ${name} is removed`] } : {};
}

function roleWords({ address, change }: ResourceChange): Words {
  const name = `role ${code(text(change.after, 'name') ?? text(change.before, 'name') ?? address)}`;
  const [was, is] = [trusted(change.before), trusted(change.after)];
  return {
    gains: is.filter((who) => !was.includes(who)).map((who) => `${who} may assume ${name}`),
    loses: was.filter((who) => !is.includes(who)).map((who) => `${who} may no longer assume ${name}`),
    changes: [`${name} is ${verb(change)}`],
  };
}

/** Each statement of a trust policy. */
function trusted(role: unknown): string[] {
  try {
    const { Statement } = JSON.parse(text(role, 'assume_role_policy') ?? '{}') as { Statement?: unknown };
    return [Statement ?? []].flat().map((statement) => {
      const { Principal, Condition } = statement as Record<string, unknown>;
      const who =
        typeof Principal === 'string'
          ? Principal
          : Object.values(Principal ?? {})
              .flat()
              .join(', ');
      const conditions = Object.values((Condition ?? {}) as Record<string, Record<string, unknown>>).flatMap(
        (keys) => Object.entries(keys).map(([key, value]) => `${key} = ${[value].flat().join(', ')}`),
      );
      return [code(who), ...conditions.map(code)].join(' with ');
    });
  } catch {
    return ['somebody that the plan does not name'];
  }
}

function databaseRoleWords({ address, change }: ResourceChange): Words {
  const { before, after } = change;
  const [mightLogIn, mayLogIn] = [
    attributeOf(before, 'login') === true,
    attributeOf(after, 'login') === true,
  ];
  const name = `${mightLogIn || mayLogIn ? 'login' : 'group'} ${code(text(after, 'name') ?? text(before, 'name') ?? address)}`;
  const [was, is] = [texts(before, 'roles'), texts(after, 'roles')];
  const imported = change.importing ? [`${name}, which exists, comes under management`] : [];
  // Without a state, what is there is not known.
  if (before === null && change.importing) return { changes: imported };
  if (before === null)
    return {
      gains: [`${name} is created${is.length > 0 ? `, a member of ${is.map(code).join(', ')}` : ''}`],
    };
  if (after === null) return { loses: [`${name} is removed`] };
  const settings = [
    'name',
    'connection_limit',
    'statement_timeout',
    'search_path',
    'assume_role',
    'create_role',
    'create_database',
    'superuser',
  ]
    .filter(
      (attribute) =>
        JSON.stringify(attributeOf(before, attribute)) !== JSON.stringify(attributeOf(after, attribute)),
    )
    .map(
      (attribute) => `${name}: ${attribute} from ${shown(before, attribute)} to ${shown(after, attribute)}`,
    );
  return {
    gains: [
      // After `aurora-iam revoke`, a deploy lets the login in again: nobody should have to guess that from NOLOGIN.
      ...(mayLogIn && !mightLogIn ? [`${name} may log in again`] : []),
      ...is.filter((role) => !was.includes(role)).map((role) => `${name} becomes a member of ${code(role)}`),
    ],
    loses: [
      ...(mightLogIn && !mayLogIn ? [`${name} may not log in any more`] : []),
      ...was
        .filter((role) => !is.includes(role))
        .map((role) => `${name} is no longer a member of ${code(role)}`),
    ],
    changes: [...imported, ...settings],
  };
}

function membershipWords({ change }: ResourceChange): Words {
  const words = (value: unknown) => `${code(text(value, 'role') ?? '?')}`;
  const of = (value: unknown) => code(text(value, 'grant_role') ?? '?');
  const gains =
    change.after === null ? [] : [`${words(change.after)} becomes a member of ${of(change.after)}`];
  const loses =
    change.before === null ? [] : [`${words(change.before)} is no longer a member of ${of(change.before)}`];
  return { gains, loses };
}

function grantWords({ change }: ResourceChange, plan: TerraformPlan): Words {
  const { before, after } = change;
  const value = after ?? before;
  const role = text(value, 'role') ?? '?';
  const everybody = role === 'public';
  const who = everybody ? 'everybody (`PUBLIC`)' : groupWords(role, plan);
  const type = text(value, 'object_type') ?? 'object';
  const database = `database ${code(text(value, 'database') ?? '?')}`;
  const schema = text(value, 'schema');
  const where =
    type === 'database'
      ? database
      : type === 'schema'
        ? `schema ${code(schema ?? '?')} of ${database}`
        : `all ${type}s in schema ${code(schema ?? '?')} of ${database}`;
  const [was, is] = [texts(before, 'privileges'), texts(after, 'privileges')];
  // What PUBLIC had before nobody has written down: only what it keeps is known.
  if (everybody && before === null)
    return {
      changes: [`${who} keeps ${is.length > 0 ? is.join(', ') : 'nothing'} on ${where}, and loses the rest`],
    };
  return differences(who, where, was, is);
}

function defaultWords({ change }: ResourceChange, plan: TerraformPlan): Words {
  const { before, after } = change;
  const value = after ?? before;
  const where =
    `future ${text(value, 'object_type')}s of ${code(text(value, 'owner') ?? '?')} in schema ` +
    `${code(text(value, 'schema') ?? '?')} of database ${code(text(value, 'database') ?? '?')}`;
  return differences(
    groupWords(text(value, 'role') ?? '?', plan),
    where,
    texts(before, 'privileges'),
    texts(after, 'privileges'),
  );
}

function differences(who: string, where: string, was: readonly string[], is: readonly string[]): Words {
  const more = is.filter((privilege) => !was.includes(privilege));
  const less = was.filter((privilege) => !is.includes(privilege));
  return {
    gains: more.length > 0 ? [`${who} gains ${more.join(', ')} on ${where}`] : [],
    loses: less.length > 0 ? [`${who} loses ${less.join(', ')} on ${where}`] : [],
  };
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

function inGeneral({ address, change }: ResourceChange): string {
  const {
    before,
    after,
    after_unknown: unknown,
    before_sensitive: wasSecret,
    after_sensitive: secret,
  } = change;
  if (change.importing) return `${code(address)} comes under management`;
  if (change.actions.join() !== 'update') return `${code(address)} is ${verb(change)}`;
  const keys = Object.keys({ ...(before as object), ...(after as object) });
  const changed = keys.filter(
    (key) =>
      isUnknown(unknown, key) ||
      JSON.stringify(attributeOf(before, key)) !== JSON.stringify(attributeOf(after, key)),
  );
  const words = changed.map((key) => {
    if (isSecret(wasSecret, key) || isSecret(secret, key) || SECRET_NAMES.test(key))
      return `${key} (sensitive)`;
    return `${key} from ${shown(before, key)} to ${isUnknown(unknown, key) ? 'what is known after the apply' : shown(after, key)}`;
  });
  return `${code(address)} is updated: ${words.join('; ')}`;
}

/** The mark of a whole attribute, or of something in it. */
function isSecret(marks: unknown, key: string): boolean {
  return marks === true || /true/.test(JSON.stringify(attributeOf(marks, key) ?? null));
}

function verb({ actions }: ResourceChange['change']): string {
  if (actions.includes('create') && actions.includes('delete')) return 'replaced';
  switch (actions[0]) {
    case 'create':
      return 'created';
    case 'update':
      return 'updated';
    case 'delete':
      return 'removed';
    case 'forget':
      return 'no longer managed, and left as it is';
    default:
      return actions.join(', ');
  }
}

function shown(value: unknown, attribute: string): string {
  const found = attributeOf(value, attribute);
  if (found === undefined || found === null || found === '') return 'nothing';
  const written = typeof found === 'string' ? found : JSON.stringify(found);
  return code(written.length > 80 ? `${written.slice(0, 80)}…` : written);
}

function holderWords({ kind, name }: Holder): string {
  switch (kind) {
    case 'policy':
    case 'document':
      return `whoever is given the ${kind} ${code(name)}`;
    default:
      return `${kind} ${code(name)}`;
  }
}

function rightWords(right: Right): string {
  switch (right.kind) {
    case 'connect': {
      const whom = right.login === OWN_NAME ? 'the login of their own IAM user name' : code(right.login);
      return `connect as ${whom} to ${code(right.resourceId)} in ${code(right.region)}`;
    }
    case 'lookUp':
      return `look up ${code(right.arn)}`;
    case 'beyond':
      return `do more than connect: ${code(right.what)}`;
  }
}

/** A name as code in Markdown: it comes from whoever wrote the change, and must not become a link or a mention. */
export function code(name: string): string {
  const line = name.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').replace(/\|/g, '\\|');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** A part of what a pull request shows. @param title names the stack @param remark what else is to be said of it */
export function summaryMarkdown(
  title: string,
  summary: PlanSummary,
  findings: readonly PlanFinding[],
  remark?: string,
): string {
  const section = (heading: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`**${heading}**`, '', ...[...new Set(lines)].map((line) => `- ${line}`), ''];
  const of = (severity: PlanFinding['severity']) =>
    findings
      .filter((finding) => finding.severity === severity)
      .map(({ rule, address, message }) => `${rule} at ${code(address)}: ${plainText(message)}`);
  return [
    `### ${code(title)}`,
    '',
    ...section('Must not be applied', of('fault')),
    ...section('To know', of('note')),
    ...section('Gains', summary.gains),
    ...section('Loses', summary.loses),
    ...section('Also changes', summary.changes),
    ...(remark === undefined ? [] : [remark, '']),
    ...(isEmpty(summary) && remark === undefined && findings.length === 0 ? ['No changes.', ''] : []),
  ].join('\n');
}

/** Messages hold names of theirs in the middle of words of ours. */
function plainText(message: string): string {
  return message.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').replace(/[\\`*_{}[\]()<>#+!|@~-]/g, '\\$&');
}
