import { configurationParts } from '../configuration';
import { attributeDifferences, attributeValue } from '../differences';
import { code } from '../markdown';
import type { ResourceChange } from '../terraform-plan';
import {
  acts,
  attributeOf,
  attributesOf,
  configured,
  isAbsent,
  isChanged,
  isForgotten,
  isSame,
  keysOf,
  text,
} from '../values';
import type { EmittedType } from '../words/emitted-type';
import { EMITTED_LOOK_UPS, EMITTED_TYPES } from '../words/index';
import { fault, type Rule, type RuleFinding } from './rule';

/** Whatever the stacks of this project never make. A stack of one's own may hold more, where somebody says so. */
export const foreign: Rule<'foreign'> = (plan, isAllowed) => {
  const resources = (plan.resource_changes ?? [])
    .filter(acts)
    .flatMap((resource): RuleFinding<'foreign'>[] => {
      const { address, mode, type } = resource;
      if (isAllowed(address, mode === 'data' ? `data.${type}` : type)) return [];
      const known = mode === 'managed' ? EMITTED_TYPES.get(type) : undefined;
      if (known === undefined || address.startsWith('module.'))
        return [
          fault(
            'foreign',
            address,
            mode === 'data'
              ? 'would be read during the apply, after this review, and these stacks read nothing then'
              : `is a ${code(type)}${address.startsWith('module.') ? ' of a module' : ''}, which these stacks never make`,
            way(address, mode === 'data' ? `data.${type}` : type),
            resource.change,
          ),
        ];
      return [
        ...importFaults(resource),
        ...providerFaults(resource, known),
        ...attributeFaults(resource, known, keysOf(configured(plan, address)?.expressions)),
      ];
    });
  const inConfiguration = configurationParts(plan);
  const parts = inConfiguration.flatMap(({ address, kind, value }): RuleFinding<'foreign'>[] => {
    if (kind === 'look-up') {
      const [mode = '', type = ''] = address.split('.');
      if (EMITTED_LOOK_UPS.includes(`${mode}.${type}`) || isAllowed(address, `${mode}.${type}`)) return [];
      return [
        fault(
          'foreign',
          address,
          'is read, and these stacks never read that',
          way(address, `${mode}.${type}`),
          value,
        ),
      ];
    }
    if (kind !== 'other' || isAllowed(address)) return [];
    return [
      fault(
        'foreign',
        address,
        'is in the configuration, and these stacks never have one',
        way(address),
        value,
      ),
    ];
  });
  const read = readData(plan.prior_state)
    .filter(
      ({ address, type }) =>
        !EMITTED_LOOK_UPS.includes(`data.${type}`) &&
        !isAllowed(address, `data.${type}`) &&
        !inConfiguration.some((part) => part.address === address),
    )
    .map(({ address, type }) =>
      fault('foreign', address, 'was read, and these stacks never read that', way(address, `data.${type}`)),
    );
  return [...resources, ...parts, ...read];
};

/** Look-ups that the plan has made, those of modules and checks, too. */
function readData(state: unknown): { address: string; type: string }[] {
  const inModule = (module: unknown): { address: string; type: string }[] => [
    ...listOf(attributeOf(module, 'resources')).flatMap((resource) => {
      const [address, type] = [text(resource, 'address'), text(resource, 'type')];
      return text(resource, 'mode') === 'data' && address !== undefined
        ? [{ address, type: type ?? '' }]
        : [];
    }),
    ...listOf(attributeOf(module, 'child_modules')).flatMap(inModule),
  ];
  return inModule(attributeOf(attributeOf(state, 'values'), 'root_module'));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function way(address: string, type?: string): string {
  const either = type === undefined ? '' : ` or ${code(type)}`;
  return `if the stack is yours and holds more, allow it: --allow-foreign ${code(address)}${either}`;
}

/** Groups and logins may have been there before; nothing else of an environment was. */
function importFaults({ address, type, change }: ResourceChange): RuleFinding<'foreign'>[] {
  if (change.importing === undefined || type === 'postgresql_role') return [];
  const id = change.importing.id ?? 'known after the apply';
  return [
    fault(
      'foreign',
      address,
      `would take over one that exists (${code(id)}), and these stacks take over only groups and logins`,
      way(address),
      change.importing,
    ),
  ];
}

/** Registries under whose names the same providers are published. */
const HOSTS = /^(registry\.terraform\.io|registry\.opentofu\.org|terraform\.io)\//;

function providerFaults(
  { address, provider_name: name }: ResourceChange,
  type: EmittedType,
): RuleFinding<'foreign'>[] {
  if (name === undefined || name === type.provider || name.replace(HOSTS, '') === type.provider) return [];
  return [
    fault(
      'foreign',
      address,
      `would be made by the provider ${code(name)} instead of ${code(type.provider)}`,
      'use that provider',
    ),
  ];
}

function attributeFaults(
  { address, change }: ResourceChange,
  { emitted, computed, judged = [], defaults = {}, isOpen = false }: EmittedType,
  written: readonly string[],
): RuleFinding<'foreign'>[] {
  if (isOpen || isAbsent(change.after) || isForgotten(change)) return [];
  const isOfStacks = (name: string) =>
    emitted.includes(name) || judged.includes(name) || (computed.includes(name) && !written.includes(name));
  const isDefault = (name: string) => {
    const value = attributeOf(change.after, name);
    return (
      isAbsent(value) || isSame(value, []) || (Object.hasOwn(defaults, name) && isSame(defaults[name], value))
    );
  };
  const changed = attributesOf(change).filter((name) =>
    isAbsent(change.before) ? !isDefault(name) : isChanged(change, name),
  );
  // Where it was written, its value may still be unknown; what is unknown is refused by a rule of its own.
  return [...new Set([...changed, ...written.filter((name) => !isDefault(name))])]
    .filter((name) => !isOfStacks(name))
    .map((name) => {
      const words = isAbsent(change.before)
        ? [attributeValue(change, name)]
        : attributeDifferences(change, name);
      return fault(
        'foreign',
        address,
        `has the attribute ${code(name)}, which these stacks never write: ${words.join('; ') || 'as it is'}`,
        way(address),
        attributeOf(change.after, name),
      );
    });
}
