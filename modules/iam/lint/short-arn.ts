import { quoted, type Rule, told } from './rule';

const WRITE = 'write arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/<login>';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export const shortArn: Rule = {
  id: 'short-arn',
  inStatement: ({ allows, linted }) =>
    linted
      .filter((resource) => allows && resource.service === 'rds-db' && resource.isIncomplete)
      .filter((resource) => !resource.isEveryDatabaseUser)
      .map(({ text }) =>
        text.split(':').includes('')
          ? told(
              `${quoted(text)} has fewer than the six fields of an ARN, one of them empty, and what that means is not documented`,
              WRITE,
            )
          : told(
              `${quoted(text)} has fewer than the six fields of an ARN, and IAM fills the others with *: it means every login of every cluster there (a session policy with it is malformed)`,
              WRITE,
            ),
      ),
};
