import { attributeDifferences, attributeValue } from '../differences';
import { code } from '../markdown';
import type { ResourceChange, TerraformPlan } from '../terraform-plan';
import {
  acts,
  attributeOf,
  attributesOf,
  isAbsent,
  isChanged,
  isForgotten,
  isGone,
  isSame,
  isUnknown,
  text,
} from '../values';
import type { EmittedType, PlanSummary } from './emitted-type';
import { EMITTED_TYPES } from './index';

/**
 * Everything that happens to a resource: in words of its type, and the rest in general. Never nothing, if anything does.
 * @param toldElsewhere attributes whose change other words tell in full
 */
export function resourceWords(
  resource: ResourceChange,
  plan: TerraformPlan,
  toldElsewhere: readonly string[],
): PlanSummary {
  if (!acts(resource)) return { gains: [], loses: [], changes: [] };
  const { address, change, mode, previous_address: moved } = resource;
  const type = mode === 'managed' ? EMITTED_TYPES.get(resource.type) : undefined;
  const subject = type?.subject?.(resource) ?? code(address);
  const { gains = [], loses = [], changes = [], told = [] } = type?.words?.(resource, plan) ?? {};
  const rest = attributesOf(change)
    .filter((attribute) => !told.includes(attribute) && !toldElsewhere.includes(attribute))
    .filter((attribute) => !isUntoldByBoth(resource, attribute, type, plan))
    .flatMap((attribute) => restOf(resource, attribute, type));
  const own = gains.length + loses.length + changes.length > 0;
  const general = inGeneral(resource, subject, rest, own || toldElsewhere.length > 0);
  const before = moved === undefined ? [] : [`${subject} is moved from ${code(moved)}`];
  return { gains, loses, changes: [...before, ...changes, ...general] };
}

/** Of two plans without a state, neither knows what the provider fills in; where it comes from is compared elsewhere. */
function isUntoldByBoth(
  { change }: ResourceChange,
  attribute: string,
  type: EmittedType | undefined,
  plan: TerraformPlan,
): boolean {
  return (
    plan.base !== undefined &&
    type?.computed.includes(attribute) === true &&
    isAbsent(attributeOf(change.before, attribute)) &&
    isAbsent(attributeOf(change.after, attribute))
  );
}

function restOf({ change }: ResourceChange, attribute: string, type: EmittedType | undefined): string[] {
  if (isAbsent(change.after)) return [];
  if (!isAbsent(change.before))
    return isChanged(change, attribute) ? attributeDifferences(change, attribute) : [];
  const value = attributeOf(change.after, attribute);
  if (isNothing(value)) {
    const isFilledIn = type?.computed.includes(attribute) === true;
    return isFilledIn || !isUnknown(change.after_unknown, attribute)
      ? []
      : [attributeValue(change, attribute)];
  }
  const isDefault =
    type?.defaults !== undefined &&
    Object.hasOwn(type.defaults, attribute) &&
    isSame(type.defaults[attribute], value) &&
    !isUnknown(change.after_unknown, attribute);
  return isDefault ? [] : [attributeValue(change, attribute)];
}

/** What a new thing has where nobody wrote anything. */
function isNothing(value: unknown): boolean {
  return isAbsent(value) || isSame(value, []) || isSame(value, {});
}

/** @param isTold whether other words say already what happens */
function inGeneral(
  { change, mode, deposed }: ResourceChange,
  subject: string,
  rest: readonly string[],
  isTold: boolean,
): string[] {
  const details = rest.length > 0 ? `: ${rest.join('; ')}` : '';
  const of = deposed === undefined ? subject : `${subject} (what an earlier replacement left over)`;
  if (isForgotten(change)) return [`${of} is no longer managed by Terraform, and stays as it is`];
  if (change.importing) {
    const { id } = change.importing;
    const as = id === undefined || id === text(change.after, 'name') ? '' : ` as ${code(id)}`;
    return [`${of}, which exists${as}, comes under management${details}`];
  }
  if (isGone(change)) return isTold && deposed === undefined ? [] : [`${of} is removed`];
  const verb = verbOf(change.actions);
  if (mode === 'data') return [`${of} is ${verb === 'read' ? 'read during the apply' : verb}${details}`];
  if (details === '' && isTold && !verb.startsWith('replaced')) return [];
  return [`${of} is ${verb}${details}`];
}

function verbOf(actions: readonly string[]): string {
  if (actions.includes('create') && actions.includes('delete')) return 'replaced';
  if (actions.includes('create') && actions.includes('forget'))
    return 'replaced, and the earlier one is left as it is';
  switch (actions[0]) {
    case 'create':
      return 'created';
    case 'update':
    case 'no-op':
      return 'updated';
    case 'read':
      return 'read';
    default:
      return `changed in a way that this review does not know (${code(actions.join(', '))})`;
  }
}
