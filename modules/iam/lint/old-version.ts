import { namesDatabaseUsers, variablesIn } from './linted-resource';
import { type Rule, told } from './rule';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
export const oldVersion: Rule = {
  id: 'old-version',
  inStatement: ({ linted, variables }) =>
    linted.filter(namesDatabaseUsers).flatMap(({ text }) => {
      const [first] = variablesIn(text);
      return first === undefined || variables
        ? []
        : [told(`${first} is taken literally in a document without "Version": "2012-10-17"`, 'write that')];
    }),
};
