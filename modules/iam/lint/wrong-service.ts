import { lowerCase } from '../evaluator/wildcard';
import { hasWildcard, mayBeOf } from './linted-resource';
import { quoted, type Rule, told } from './rule';

export const wrongService: Rule = {
  id: 'wrong-service',
  inStatement: ({ actions, resources, linted }) => {
    if (!actions.some((action) => /^(rds-db:|rds:connect$)/i.test(action))) return [];
    const asked = (service: string) => actions.some((action) => lowerCase(action).startsWith(`${service}:`));
    const hasUsers = resources.some((each) => mayBeOf('rds-db', each));
    return linted
      .filter(({ isEveryDatabaseUser, service }) => {
        if (isEveryDatabaseUser || service === 'rds-db' || hasWildcard(service)) return false;
        // Fine beside a dbuser ARN if another action of the statement is about it.
        return !(hasUsers && asked(service));
      })
      .map(({ text, service }) =>
        told(
          `${quoted(text)} is an ARN of the service ${quoted(service)}, and rds-db:connect needs one of rds-db`,
          'write arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/<login>',
        ),
      );
  },
};
