import type { ConfiguredResource, TerraformPlan } from './terraform-plan';
import { attributeOf, configured, isChanged, isObject, isSame, isUnknown, keysOf } from './values';

/** A part of the configuration: whatever decides where and how a plan is carried out, and not what is in it. */
export interface ConfigurationPart {
  /** `provider.aws`, `backend`, `aws_iam_role.x (provisioner)` */
  readonly address: string;
  readonly kind: 'provider' | 'requirement' | 'backend' | 'look-up' | 'provisioner' | 'import' | 'other';
  /** As it is written, references as their text. */
  readonly value: unknown;
}

/** The offline plan's own blocks, which say nothing of the stack, are left out where it carries the true ones. */
export function configurationParts(
  plan: Pick<TerraformPlan, 'configuration' | 'aurora_iam'>,
): ConfigurationPart[] {
  const { configuration = {}, aurora_iam: replaced } = plan;
  const module = configuration.root_module ?? {};
  const parts: ConfigurationPart[] = [];
  if (replaced) {
    for (const [name, blocks] of Object.entries(replaced.providers ?? {}))
      for (const block of blocks) {
        const { alias, ...value } = (isObject(block) ? block : { block }) as Record<string, unknown>;
        const key = alias === undefined ? name : `${name}.${String(alias)}`;
        parts.push({ address: `provider.${key}`, kind: 'provider', value: { name, settings: value } });
      }
    for (const [name, value] of Object.entries(replaced.required_providers ?? {}))
      parts.push({ address: `required_providers.${name}`, kind: 'requirement', value });
    for (const [name, value] of Object.entries(replaced.backend ?? {}))
      parts.push({ address: `backend.${name}`, kind: 'backend', value });
    for (const [name, value] of Object.entries(replaced.terraform ?? {}))
      parts.push({ address: `terraform.${name}`, kind: 'other', value });
    // Imports are told where they are done; one that is gone is told here.
    for (const [name, value] of Object.entries(replaced.blocks ?? {}))
      parts.push({ address: `configuration.${name}`, kind: name === 'import' ? 'import' : 'other', value });
    for (const [address, value] of Object.entries(replaced.lookUps ?? {}))
      parts.push({ address, kind: 'look-up', value });
  }
  for (const [key, provider] of Object.entries(configuration.provider_config ?? {})) {
    const { expressions, name = key, full_name, version_constraint, module_address } = provider;
    if (!replaced)
      parts.push({
        address: `provider.${key}`,
        kind: 'provider',
        value: { name, settings: plain(expressions) },
      });
    if (!replaced || module_address !== undefined)
      parts.push({
        address: `required_providers.${key}`,
        kind: 'requirement',
        value: {
          source: full_name,
          version: version_constraint,
          ...(module_address ? { module_address } : {}),
        },
      });
  }
  for (const resource of module.resources ?? []) parts.push(...partsOf(resource));
  for (const name of keysOf(module['module_calls']))
    parts.push({
      address: `module.${name}`,
      kind: 'other',
      value: plain(attributeOf(module['module_calls'], name)),
    });
  for (const [key, value] of Object.entries(module))
    if (!['resources', 'outputs', 'module_calls'].includes(key))
      parts.push({ address: `configuration.${key}`, kind: 'other', value: plain(value) });
  for (const [key, value] of Object.entries(configuration))
    if (!['provider_config', 'root_module'].includes(key))
      parts.push({ address: `configuration.${key}`, kind: 'other', value: plain(value) });
  return parts;
}

const KNOWN_KEYS = [
  'address',
  'mode',
  'type',
  'name',
  'provider_config_key',
  'expressions',
  'schema_version',
  'depends_on',
  'provisioners',
  'count_expression',
  'for_each_expression',
];

function partsOf(resource: ConfiguredResource): ConfigurationPart[] {
  const { address, mode = 'managed', type = '', provisioners = [], expressions } = resource;
  const parts: ConfigurationPart[] = provisioners.map((provisioner, index) => ({
    address: provisioners.length > 1 ? `${address} (provisioner ${index + 1})` : `${address} (provisioner)`,
    kind: 'provisioner',
    value: { holder: address, type, provisioner: plain(provisioner) },
  }));
  if (mode !== 'managed') parts.push({ address, kind: 'look-up', value: plain(expressions) });
  const others = Object.entries(resource).filter(([key]) => !KNOWN_KEYS.includes(key));
  if (others.length > 0)
    parts.push({
      address: `${address} (configuration)`,
      kind: 'other',
      value: plain(Object.fromEntries(others)),
    });
  return parts;
}

/** Expressions as `cdk.tf.json` has them: a constant as it is, a reference as its text. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  if ('constant_value' in value) return plain(value['constant_value']);
  if (Array.isArray(value['references']) && Object.keys(value).length === 1)
    return value['references'].map((reference) => `\${${String(reference)}}`).join(' ');
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

export interface ConfigurationChange {
  readonly part: ConfigurationPart;
  readonly before: unknown;
  readonly after: unknown;
}

/** What changes in the configuration between two compared plans. */
export function configurationChanges(plan: TerraformPlan): ConfigurationChange[] {
  if (plan.base === undefined) return [];
  const [was, is] = [byAddress(configurationParts(plan.base)), byAddress(configurationParts(plan))];
  // A plan of an earlier version does not carry what it replaced: that is said, and nothing is compared with it.
  const isComparable = ({ kind, address }: ConfigurationPart) =>
    (plan.base?.aurora_iam !== undefined) === (plan.aurora_iam !== undefined) ||
    kind === 'provisioner' ||
    (kind === 'other' && !address.startsWith('terraform.'));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((address) => {
    const [before, after] = [was.get(address), is.get(address)];
    const part = (after ?? before) as ConfigurationPart;
    return isComparable(part) && !isSame(before?.value ?? null, after?.value ?? null)
      ? [{ part, before: before?.value, after: after?.value }]
      : [];
  });
}

function byAddress(parts: readonly ConfigurationPart[]): Map<string, ConfigurationPart> {
  return new Map(parts.map((part) => [`${part.kind} ${part.address}`, part]));
}

export interface OriginChange {
  readonly address: string;
  readonly attribute: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Where a value comes from may change, while the value is known after the apply only, or is the same one still. */
export function originChanges(plan: TerraformPlan): OriginChange[] {
  if (plan.base === undefined) return [];
  const blocks = new Map(
    (plan.base.configuration?.root_module?.resources ?? []).map((resource) => [resource.address, resource]),
  );
  return (plan.configuration?.root_module?.resources ?? []).flatMap((resource) => {
    const before = blocks.get(resource.address);
    if (before === undefined || resource.mode === 'data') return [];
    const { address } = resource;
    const changes = (plan.resource_changes ?? []).filter(
      (each) => configured(plan, each.address) === resource,
    );
    const isTold = (attribute: string) =>
      changes.length > 0 &&
      changes.every(
        ({ change }) => isChanged(change, attribute) && !isUnknown(change.after_unknown, attribute),
      );
    const names = new Set([...keysOf(before.expressions), ...keysOf(resource.expressions)]);
    const origins = [...names].map((attribute) => ({
      address,
      attribute,
      before: plain(before.expressions?.[attribute]),
      after: plain(resource.expressions?.[attribute]),
    }));
    const provider = {
      address,
      attribute: 'provider',
      before: before.provider_config_key,
      after: resource.provider_config_key,
    };
    return [...origins, provider].filter(
      (each) => !isSame(each.before ?? null, each.after ?? null) && !isTold(each.attribute),
    );
  });
}
