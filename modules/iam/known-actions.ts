import { nearest } from '../names/nearest';
import { coversAction } from './actions';
import { lowerCase } from './evaluator/wildcard';
import { SERVICE_TABLES } from './service-actions';

/** The services whose actions are all known here. */
export type KnownService = keyof typeof SERVICE_TABLES;

/** An action as a policy writes it, taken apart; undefined for `*`, and for services that are not known here. */
export function ofKnownService(
  written: string,
): { readonly service: KnownService; readonly name: string } | undefined {
  const [, prefix = '', name = ''] = /^([^:]*):(.*)$/s.exec(written) ?? [];
  const service = lowerCase(prefix);
  return Object.hasOwn(SERVICE_TABLES, service) ? { service: service as KnownService, name } : undefined;
}

/** The actions that one written with wildcards, or without, means: `rds:DescribeDBClusters`. */
export function meantActions(written: string): readonly string[] {
  const known = ofKnownService(written);
  if (!known) return [];
  return actionsOf(known.service).filter((action) => coversAction(written, action));
}

/** What the author of an action that does not exist most likely had in mind. */
export function nearestAction(written: string): string | undefined {
  const known = ofKnownService(written);
  if (!known) return undefined;
  const plain = known.name.replace(/[*?]/g, '');
  const names = Object.keys(SERVICE_TABLES[known.service].actions);
  // Half a word of a short name would be near to anything.
  const close = nearest(lowerCase(plain), names.map(lowerCase), Math.min(3, Math.ceil(plain.length / 4)));
  const name = names.find((each) => lowerCase(each) === close);
  return name === undefined ? undefined : `${known.service}:${name}`;
}

/** What one action takes: `cluster:<DbClusterInstanceName>` after the account. None: it works on `*` only. */
export function actionTakes(
  action: string,
): readonly { readonly service: string; readonly resource: string }[] {
  const known = ofKnownService(action);
  if (!known) return [];
  const { actions, resourceTypes } = SERVICE_TABLES[known.service];
  return (actions[known.name] ?? '').split(' ').flatMap((type) => {
    const resource = resourceTypes[type];
    return resource === undefined
      ? []
      : [{ service: known.service, resource: resource.replace(/\$\{([^}]*)\}/g, '<$1>') }];
  });
}

function actionsOf(service: KnownService): readonly string[] {
  return Object.keys(SERVICE_TABLES[service].actions).map((name) => `${service}:${name}`);
}
