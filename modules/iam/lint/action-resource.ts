import { lowerCase } from '../evaluator/wildcard';
import { actionTakes, meantActions } from '../known-actions';
import { type LintedResource, lintedResource, mayBeOf } from './linted-resource';
import { quoted, type Rule, told } from './rule';

/** An action of rds or dsql beside resources that it does not take. Of `dbuser` resources, describe-on-dbuser says more. */
export const actionResource: Rule = {
  id: 'action-resource',
  inStatement: ({ allows, actions, resources }) => {
    const linted = resources.map(lintedResource);
    if (linted.length === 0 || linted.some(({ isDatabaseUser }) => isDatabaseUser)) return [];
    return actions.flatMap((action) => {
      const meant = meantActions(action).filter((each) => !each.startsWith('rds-db:'));
      if (meant.length === 0 || meant.some((each) => linted.some((resource) => mayTake(each, resource))))
        return [];
      const effect = `it ${allows ? 'grants' : 'denies'} nothing`;
      const [only] = meant;
      const types = meant.length === 1 && only !== undefined ? actionTakes(only) : [];
      return [
        types.length === 0
          ? told(
              `${quoted(action)} works on no single resource, so here ${effect}`,
              'write "Resource": "*" for it',
            )
          : told(
              `${quoted(action)} takes none of the resources beside it, so ${effect}`,
              `name one that it takes: ${types.map(({ service, resource }) => `arn:<partition>:${service}:<region>:<account>:${resource}`).join(', ')}`,
            ),
      ];
    });
  },
};

function mayTake(action: string, resource: LintedResource): boolean {
  if (resource.text === '*' || resource.isIncomplete) return true;
  const { name, login } = resource;
  const [written] = lowerCase(login === undefined ? name : `${name}/${login}`).split(/[*?$]/);
  return actionTakes(action).some((type) => {
    const [before] = lowerCase(type.resource).split('<');
    return mayBeOf(type.service, resource.text) && beginAlike(written ?? '', before ?? '');
  });
}

/** As far as both are written out. */
function beginAlike(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
