import { OWN_SAML_NAME } from '../../names/arn';
import { listOf } from '../../names/text';
import { lowerCase } from '../evaluator/wildcard';
import type { PolicyStatement } from '../policy-document';
import { namesDatabaseUsers } from './linted-resource';
import { type Rule, told } from './rule';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml */
export const transientName: Rule = {
  id: 'transient-name',
  inStatement: ({ allows, variables, linted, statement }) =>
    allows &&
    variables &&
    !asksForPersistent(statement) &&
    linted.some(
      (resource) => namesDatabaseUsers(resource) && lowerCase(resource.text).includes(OWN_SAML_NAME),
    )
      ? [
          told(
            `${OWN_SAML_NAME} may be a transient name, which is another one in each session`,
            'add the condition StringEquals saml:sub_type: persistent',
          ),
        ]
      : [],
};

function asksForPersistent({ Condition }: PolicyStatement): boolean {
  return Object.entries(Condition?.['StringEquals'] ?? {}).some(
    ([key, values]) =>
      lowerCase(key) === 'saml:sub_type' && listOf(values).every((value) => value === 'persistent'),
  );
}
