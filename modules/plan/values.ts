import type { Change, ConfiguredResource, ResourceChange, TerraformPlan } from './terraform-plan';

/** Resources, with look-ups left out. */
export function managed(plan: TerraformPlan): readonly ResourceChange[] {
  return (plan.resource_changes ?? []).filter(({ mode }) => mode === 'managed');
}

/** Whether the apply does anything with it. */
export function acts(resource: ResourceChange): boolean {
  const { change, previous_address: moved } = resource;
  return (
    change.actions.length === 0 ||
    (change.actions.some((action) => action !== 'no-op') && !isOpened(resource)) ||
    change.importing !== undefined ||
    moved !== undefined
  );
}

/** An ephemeral resource, which OpenTofu lists and Terraform does not. That it is read, the configuration tells in both. */
function isOpened({ mode, change }: ResourceChange): boolean {
  return (
    mode === 'ephemeral' &&
    change.actions.every((action) => action === 'open') &&
    isAbsent(change.before) &&
    isAbsent(change.after)
  );
}

/** Whether it is there after the apply, and Terraform knows of it. */
export function stays({ change }: ResourceChange): boolean {
  return !isAbsent(change.after) && !isForgotten(change);
}

/** Whether it only leaves the state. Of one that is replaced, the earlier one may be forgotten, too. */
export function isForgotten({ actions }: Change): boolean {
  return actions.length > 0 && actions.every((action) => action === 'forget');
}

export function isGone({ actions }: Change): boolean {
  return actions.includes('delete') && !actions.includes('create');
}

/** An attribute that is a known text. */
export function text(value: unknown, attribute: string): string | undefined {
  const found = attributeOf(value, attribute);
  return typeof found === 'string' ? found : undefined;
}

/** An attribute that is a list: the known texts in it. */
export function texts(value: unknown, attribute: string): string[] {
  const found = attributeOf(value, attribute);
  return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : [];
}

export function attributeOf(value: unknown, attribute: string): unknown {
  return isObject(value) && Object.hasOwn(value, attribute) ? value[attribute] : undefined;
}

/** Whether an attribute, or anything in it, is known after the apply only. */
export function isUnknown(unknown: unknown, attribute: string): boolean {
  return unknown === true || hasTrue(attributeOf(unknown, attribute));
}

/** Whether there is a mark anywhere in the marks of a value. */
export function hasTrue(marks: unknown): boolean {
  if (typeof marks !== 'object' || marks === null) return marks === true;
  return Object.values(marks).some(hasTrue);
}

export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}

/** Names of the attributes that a change has on either side, or that it will have. */
export function attributesOf({ before, after, after_unknown: unknown }: Change): string[] {
  const marks = isAbsent(after) ? [] : keysOf(unknown).filter((name) => isUnknown(unknown, name));
  return [...new Set([...keysOf(before), ...keysOf(after), ...marks])];
}

/** The same text for the same value, whatever the order of its keys. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, each) =>
      isObject(each)
        ? Object.fromEntries(
            Object.keys(each)
              .sort()
              .map((key) => [key, each[key]]),
          )
        : each,
    ) ?? 'null'
  );
}

export function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** Whether the attribute is another one after the apply, as far as that can be told. */
export function isChanged({ before, after, after_unknown: unknown }: Change, attribute: string): boolean {
  return (
    (!isAbsent(after) && isUnknown(unknown, attribute)) ||
    !isSame(attributeOf(before, attribute) ?? null, attributeOf(after, attribute) ?? null)
  );
}

const BLOCKS = new WeakMap<object, ReadonlyMap<string, ConfiguredResource>>();

/** The resource as the configuration has it: one block, whatever its instances. */
export function configured(
  { configuration }: Pick<TerraformPlan, 'configuration'>,
  address: string,
): ConfiguredResource | undefined {
  const resources = configuration?.root_module?.resources;
  if (resources === undefined) return undefined;
  const blocks = BLOCKS.get(resources) ?? new Map(resources.map((resource) => [resource.address, resource]));
  BLOCKS.set(resources, blocks);
  return blocks.get(address.replace(/\[[^\]]*\]$/, ''));
}

/** A list of texts without another one of the same: what a set of them is. */
export function textSet(value: unknown): readonly string[] | undefined {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) return undefined;
  return new Set(value).size === value.length ? value : undefined;
}
