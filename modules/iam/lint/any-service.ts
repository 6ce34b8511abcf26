import { hasWildcard } from './linted-resource';
import { quoted, type Rule, told } from './rule';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
export const anyService: Rule = {
  id: 'any-service',
  inStatement: ({ linted }) =>
    linted
      .filter(({ isEveryDatabaseUser, service }) => !isEveryDatabaseUser && hasWildcard(service))
      .map(({ text }) =>
        told(
          `${quoted(text)} has a wildcard instead of the service, where the IAM manual allows none`,
          'write rds-db',
        ),
      ),
};
