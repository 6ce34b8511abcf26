import { variablesIn } from './linted-resource';
import { type Rule, told } from './rule';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
export const variablePlace: Rule = {
  id: 'variable-place',
  inStatement: ({ linted, variables }) =>
    linted
      .filter((resource) => variables && resource.service === 'rds-db')
      .flatMap((resource) => {
        const scope = [resource.partition, resource.region, resource.account];
        const early = variablesIn(resource.text).find((variable) =>
          scope.some((part) => part.includes(variable)),
        );
        return early === undefined
          ? []
          : [
              told(
                `${early} is before the fifth colon of the ARN, where no policy variable is allowed`,
                'write the value',
              ),
            ];
      }),
};
