import { iamParts, isAccount } from '../../names/arn';
import { configurationChanges, configurationParts } from '../configuration';
import { code, visible } from '../markdown';
import { NO_SECRET } from '../secrets';
import type { TerraformPlan } from '../terraform-plan';
import { attributeOf, isObject, keysOf, text } from '../values';
import { fault, note, type Rule, type RuleFinding } from './rule';

const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  aws: ['region', 'allowed_account_ids', 'assume_role', 'default_tags'],
  postgresql: [
    'scheme',
    'host',
    'port',
    'username',
    'password',
    'database',
    'superuser',
    'sslmode',
    'sslrootcert',
    'connect_timeout',
    'max_connections',
    'aws_rds_iam_auth',
    'aws_rds_iam_region',
  ],
  terraform: [],
};

const SOURCES: Readonly<Record<string, RegExp>> = {
  aws: /^((registry\.terraform\.io|registry\.opentofu\.org)\/)?hashicorp\/aws$|^aws$/,
  postgresql: /^((registry\.terraform\.io|registry\.opentofu\.org)\/)?cyrilgdn\/postgresql$/,
  terraform: /^terraform\.io\/builtin\/terraform$/,
};

const PUBLISHED: Readonly<Record<string, string>> = {
  aws: 'hashicorp/aws',
  postgresql: 'cyrilgdn/postgresql',
  terraform: 'terraform.io/builtin/terraform',
};

/** Where a plan is carried out, and as whom: the blocks of providers, and who publishes these. */
export const provider: Rule<'provider'> = (plan, isAllowed) => {
  const parts = configurationParts(plan).flatMap(({ address, kind, value }): RuleFinding<'provider'>[] => {
    if (isAllowed(address)) return [];
    if (kind === 'requirement') return sourceFaults(address, value);
    if (kind !== 'provider') return [];
    const name = text(value, 'name') ?? '';
    const settings = attributeOf(value, 'settings') ?? {};
    return messagesOf(name, settings, isOffline(plan)).map((message) =>
      fault(
        'provider',
        address,
        `${message}`,
        `if the stack is yours, allow it: --allow-foreign ${code(address)}`,
        value,
      ),
    );
  });
  const changes = configurationChanges(plan).flatMap(({ part, before, after }): RuleFinding<'provider'>[] => {
    if (part.kind !== 'provider' || before === undefined || after === undefined || isAllowed(part.address))
      return [];
    const [was, is] = [attributeOf(before, 'settings'), attributeOf(after, 'settings')];
    const changed = [...new Set([...keysOf(was), ...keysOf(is)])].filter(
      (key) =>
        key !== 'default_tags' &&
        JSON.stringify(attributeOf(was, key)) !== JSON.stringify(attributeOf(is, key)),
    );
    return changed.length === 0
      ? []
      : [
          fault(
            'provider',
            part.address,
            `would work in another place or as somebody else: ${changed.map(code).join(', ')} changed since the base`,
            'make sure that this is intended',
            [before, after],
          ),
        ];
  });
  return [...parts, ...changes, ...comparisonNotes(plan)];
};

function sourceFaults(address: string, value: unknown): RuleFinding<'provider'>[] {
  const name = address.replace(/^required_providers\.(.*:)?/, '').replace(/\..*$/, '');
  const source = text(value, 'source');
  const expected = Object.hasOwn(SOURCES, name) ? SOURCES[name] : undefined;
  if (expected === undefined)
    return [
      fault(
        'provider',
        address,
        'is a provider that these stacks never use',
        `if the stack is yours, allow it: --allow-foreign ${code(address)}`,
        value,
      ),
    ];
  return source === undefined || expected.test(source)
    ? []
    : [
        fault(
          'provider',
          address,
          `comes from ${code(source)}, not from the publisher that these stacks use`,
          `use the provider ${code(PUBLISHED[name] ?? name)}`,
          value,
        ),
      ];
}

/** A plan without credentials, of a version that did not carry what it replaced. */
function isOffline(plan: TerraformPlan): boolean {
  return (
    plan.aurora_iam === undefined &&
    Object.values(plan.configuration?.provider_config ?? {}).some(({ expressions }) =>
      ['access_key', 'password'].some(
        (key) => attributeOf(attributeOf(expressions, key), 'constant_value') === NO_SECRET,
      ),
    )
  );
}

function messagesOf(name: string, settings: unknown, offline: boolean): string[] {
  if (offline)
    return [
      'is that of a plan without credentials which an earlier version of aurora-iam made, and which does not carry the provider of the stack',
    ];
  const known = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
  if (known === undefined || !isObject(settings)) return ['is of a provider that these stacks never use'];
  const foreign = Object.keys(settings).filter((key) => !known.includes(key));
  const messages = foreign.map(
    (key) => `has the setting ${code(key)}, which these stacks never write: ${written(settings[key], key)}`,
  );
  if (name === 'aws') messages.push(...awsMessages(settings));
  if (name === 'postgresql') messages.push(...postgresqlMessages(settings));
  return messages;
}

function awsMessages(settings: Readonly<Record<string, unknown>>): string[] {
  const accounts = settings['allowed_account_ids'];
  if (!Array.isArray(accounts) || accounts.length === 0)
    return ['has no allowed_account_ids: nothing keeps it out of another account'];
  const roles = [settings['assume_role'] ?? []].flat();
  return roles.flatMap((role) => {
    const arn = text(role, 'role_arn') ?? '';
    const parts = iamParts(arn);
    const account = parts?.type === 'role' && isAccount(parts) ? parts.account : undefined;
    const others = keysOf(role).filter((key) => !['role_arn', 'session_name', 'external_id'].includes(key));
    return [
      ...(account !== undefined && accounts.includes(account)
        ? []
        : [`works as ${code(visible(arn))}, which is not a role of an account in allowed_account_ids`]),
      ...others.map((key) => `assumes its role with ${code(key)}, which these stacks never write`),
    ];
  });
}

function postgresqlMessages(settings: Readonly<Record<string, unknown>>): string[] {
  const messages: string[] = [];
  const { sslmode, scheme, superuser, password } = settings;
  // The endpoint of a cluster that was looked up is under its own name; a tunnel has another one.
  const isLookedUp = /^\$\{data\.aws_(rds_cluster|db_instance)\.[\w-]+\.(endpoint|address)\}$/.test(
    String(settings['host']),
  );
  if (sslmode !== 'verify-full' && (sslmode !== 'verify-ca' || isLookedUp))
    messages.push(
      `has sslmode ${written(sslmode, 'sslmode')} instead of \`verify-full\`: anybody on the way could be the server`,
    );
  if (settings['sslrootcert'] === undefined)
    messages.push(
      'has no sslrootcert: the certificate is checked against authorities that are not those of RDS',
    );
  if (scheme !== undefined && scheme !== 'postgres')
    messages.push(
      `has the scheme ${written(scheme, 'scheme')} instead of \`postgres\`, which may ignore sslmode`,
    );
  if (superuser !== false)
    messages.push('takes its admin for a superuser, where these stacks write `superuser = false`');
  if (typeof password === 'string' && !/^\$\{.*\bephemeral\.[\w.-]+.*\}$/.test(password))
    messages.push('has a password that is not an ephemeral value');
  return messages;
}

function written(value: unknown, key: string): string {
  if (/password|secret|token|key/i.test(key)) return '(sensitive)';
  return value === undefined
    ? 'nothing'
    : code(visible(typeof value === 'string' ? value : JSON.stringify(value)));
}

function comparisonNotes(plan: TerraformPlan): RuleFinding<'provider'>[] {
  const { base } = plan;
  if (
    base?.configuration === undefined ||
    (base.aurora_iam === undefined) === (plan.aurora_iam === undefined)
  )
    return [];
  return [
    note(
      'provider',
      'configuration',
      'one of the two plans does not carry its provider blocks and backend, so these are not compared',
      'make both with this version of aurora-iam',
    ),
  ];
}
