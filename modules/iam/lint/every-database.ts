import { quoted, type Rule, told } from './rule';

export const everyDatabase: Rule = {
  id: 'every-database',
  inStatement: ({ allows, linted }) =>
    linted
      .filter((resource) => allows && resource.isEveryDatabaseUser)
      .map(({ text, isIncomplete }) => {
        const filled = isIncomplete ? ', because IAM fills the missing fields of an ARN with *' : '';
        return told(
          `${quoted(text)} allows connections to every database as every login${filled}`,
          'name dbuser ARNs',
        );
      }),
};
