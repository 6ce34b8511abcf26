import { quoted, type Rule } from './rule';

export const everyDatabase: Rule = {
  id: 'every-database',
  finds: 'a resource that is every login of every cluster',
  inStatement: ({ allows, linted }) =>
    linted
      .filter((resource) => allows && resource.isEveryDatabaseUser)
      .map(({ text, isIncomplete }) => {
        const filled = isIncomplete ? ', because IAM fills the missing fields of an ARN with *' : '';
        return `${quoted(text)} allows to connect to every database as every login${filled}; name dbuser ARNs`;
      }),
};
