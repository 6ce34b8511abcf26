import { hasWildcard, namesDatabaseUsers } from './linted-resource';
import { quoted, type Rule, told } from './rule';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export const resourceType: Rule = {
  id: 'resource-type',
  inStatement: ({ linted }) =>
    linted.filter(namesDatabaseUsers).flatMap(({ text, name, resourceId }) => {
      if (typeHasWildcard(name))
        return [
          told(
            `${quoted(text)} has a wildcard in the resource type, where the IAM manual allows none`,
            'write dbuser:<resource id>/<login>',
          ),
        ];
      if (name === '')
        return [
          told(`${quoted(text)} has no resource after its fifth colon`, 'write dbuser:<resource id>/<login>'),
        ];
      return hasWildcard(name) || resourceId !== undefined
        ? []
        : [
            told(
              `${quoted(name)} does not begin with dbuser:, so nothing ever matches`,
              'write dbuser:<resource id>/<login>',
            ),
          ];
    }),
};

/** `*` alone is every resource. */
export function typeHasWildcard(name: string): boolean {
  return name !== '*' && hasWildcard(name.split(':')[0] ?? '');
}
