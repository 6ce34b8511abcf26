import { configurationParts } from '../configuration';
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

/** As whom the postgresql providers log in, as far as that is written out, and whether by a token. */
export function admins(plan: TerraformPlan): { readonly name: string; readonly byIam: boolean }[] {
  return configurationParts(plan).flatMap(({ kind, value }) => {
    if (kind !== 'provider' || text(value, 'name') !== 'postgresql') return [];
    const settings = attributeOf(value, 'settings');
    const username = text(settings, 'username') ?? '';
    const byIam = attributeOf(settings, 'aws_rds_iam_auth') === true;
    // The master of a cluster that is looked up is named by a reference.
    if (/^\$\{.*\.master_username\}$/.test(username)) return masters(plan).map((name) => ({ name, byIam }));
    return username === '' || username.includes('${') ? [] : [{ name: username, byIam }];
  });
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
