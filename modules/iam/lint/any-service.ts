import { hasWildcard } from './linted-resource';
import { quoted, type Rule } from './rule';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
export const anyService: Rule = {
  id: 'any-service',
  finds: 'a wildcard in the place of the service in an ARN',
  inStatement: ({ linted }) =>
    linted
      .filter(({ isEveryDatabaseUser, service }) => !isEveryDatabaseUser && hasWildcard(service))
      .map(
        ({ text }) =>
          `${quoted(text)} has a wildcard in the place of the service, where the IAM manual allows none; write rds-db`,
      ),
};
