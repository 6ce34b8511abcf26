import { quoted, type Rule } from './rule';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export const shortArn: Rule = {
  id: 'short-arn',
  finds: 'an ARN with fewer than six fields, which IAM completes with wildcards',
  inStatement: ({ allows, linted }) =>
    linted
      .filter((resource) => allows && resource.service === 'rds-db' && resource.isIncomplete)
      .filter((resource) => !resource.isEveryDatabaseUser)
      .map(({ text }) =>
        text.split(':').includes('')
          ? `${quoted(text)} has fewer than the six fields of an ARN, and an empty one, and what that means is not documented; write ` +
            'arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/<login>'
          : `${quoted(text)} has fewer than the six fields of an ARN, and IAM fills the others with *: it means every login ` +
            'of every cluster there (a session policy with it is malformed); write ' +
            'arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/<login>',
      ),
};
