import type { TerraformPlan } from '../terraform-plan';
import { attributeOf, managed, text } from '../values';
import { CLUSTER_TYPES } from './cluster-destroyed';

/** Names of masters, as far as a plan has them: of clusters that it looks up or holds, and of the conditions on these. */
export function masters(plan: TerraformPlan): string[] {
  const wanted = JSON.stringify(plan.aurora_iam?.lookUps ?? {}).matchAll(
    /self\.master_username == \\"((?:[^"\\])*)\\"/g,
  );
  return [
    ...[...wanted].flatMap(([, name]) => name ?? []),
    ...lookedUp(attributeOf(attributeOf(plan.prior_state, 'values'), 'root_module')),
    ...managed(plan)
      .filter(({ type }) => CLUSTER_TYPES.includes(type))
      .flatMap(({ change }) => nameIn(change.after)),
  ];
}

function lookedUp(module: unknown): string[] {
  const list = (attribute: string): unknown[] => {
    const found = attributeOf(module, attribute);
    return Array.isArray(found) ? found : [];
  };
  return [
    ...list('resources').flatMap((resource) => nameIn(attributeOf(resource, 'values'))),
    ...list('child_modules').flatMap(lookedUp),
  ];
}

function nameIn(values: unknown): string[] {
  const name = text(values, 'master_username');
  return name === undefined ? [] : [name];
}
