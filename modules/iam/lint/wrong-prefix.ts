import { lowerCase } from '../evaluator/wildcard';
import { lintedResource } from './linted-resource';
import { quoted, type Rule, told } from './rule';

export const wrongPrefix: Rule = {
  id: 'wrong-prefix',
  inStatement: ({ actions, resources }) =>
    actions.flatMap((action) => {
      const name = lowerCase(action);
      const ofAnother = name.endsWith(':connect') && !name.startsWith('rds-db:');
      const onDatabaseUsers = resources.some((resource) => lintedResource(resource).isDatabaseUser);
      if (/^dsql:dbconnect/.test(name) && onDatabaseUsers)
        return [
          told(
            `${quoted(action)} is for Aurora DSQL, which is another service, and lets nobody into a database of Aurora or RDS`,
            'write rds-db:connect',
          ),
        ];
      return name === 'rds:connect' || (ofAnother && onDatabaseUsers)
        ? [told(`${quoted(action)} lets nobody into a database`, 'write rds-db:connect')]
        : [];
    }),
};
