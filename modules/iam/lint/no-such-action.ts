import { listOf } from '../../names/text';
import { lowerCase } from '../evaluator/wildcard';
import { meantActions, nearestAction, ofKnownService } from '../known-actions';
import { hasWildcard } from './linted-resource';
import { quoted, type Rule, type Told, told } from './rule';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html */
export const noSuchAction: Rule = {
  id: 'no-such-action',
  inStatement: ({ allows, actions, statement }) => [
    ...actions
      .filter(doesNotExist)
      .map((action) => toldOf(action, `it ${allows ? 'grants' : 'denies'} nothing`)),
    ...listOf(statement.NotAction)
      .filter(doesNotExist)
      .map((action) => toldOf(action, 'leaving it out changes nothing')),
  ],
};

/** Of the services whose actions are all known. `rds:connect` is told by wrong-prefix. */
export function doesNotExist(action: string): boolean {
  return (
    ofKnownService(action) !== undefined &&
    meantActions(action).length === 0 &&
    lowerCase(action) !== 'rds:connect'
  );
}

function toldOf(action: string, effect: string): Told {
  const service = ofKnownService(action)?.service ?? '';
  const what = hasWildcard(action) ? `matches no action of ${service}` : 'is not an action';
  return told(`${quoted(action)} ${what}, so ${effect}`, wayOut(action, service));
}

function wayOut(action: string, service: string): string {
  if (/(token|auth)/i.test(action) && service !== 'dsql')
    return 'remove it: making a token needs no permission, and logging in needs rds-db:connect';
  if (service === 'rds-db') return 'write rds-db:connect';
  const close = nearestAction(action);
  return close === undefined ? 'remove it, or correct its name' : `did you mean ${close}?`;
}
