import { UserError } from '../clients/error';
import { deploymentPermissions } from '../modules/connect/deploying-role/deploying-role';
import { isResourceId } from '../modules/names/arn';
import { done, type Outcome } from './outcome';
import { loadEnvironment } from './project';

/** The policy documents of the role that deploys an environment: by stack, or of one stack alone.
 *  @throws UserError */
export function permissions(
  name: string,
  stack: string | undefined,
  resourceId: string | undefined,
): Outcome {
  if (resourceId !== undefined && !isResourceId(resourceId))
    throw new UserError(
      `"${resourceId}" is not a resource id; take DbClusterResourceId of \`aws rds describe-db-clusters\`.`,
    );
  const documents = deploymentPermissions(
    loadEnvironment(name),
    resourceId === undefined ? {} : { resourceId },
  );
  if (stack === undefined) return done(`${JSON.stringify(documents, null, 2)}\n`);
  const document = documents[stack];
  if (!document)
    throw new UserError(`There is no document "${stack}"; there is ${Object.keys(documents).join(', ')}.`);
  return done(`${JSON.stringify(document, null, 2)}\n`);
}
