import { isResourceId } from '../../names/arn';
import { hasVariable, hasWildcard, namesDatabaseUsers } from './linted-resource';
import { quoted, type Rule, told } from './rule';

export const identifierAsResourceId: Rule = {
  id: 'identifier-as-resource-id',
  inStatement: ({ linted }) =>
    linted
      .filter((resource) => namesDatabaseUsers(resource) && !hasWildcard(resource.name))
      .flatMap(({ resourceId }) => resourceId ?? [])
      .filter((resourceId) => !isResourceId(resourceId) && !hasVariable(resourceId))
      .map((resourceId) =>
        told(
          `${quoted(resourceId)} is not a resource id, so nothing ever matches`,
          'take DbClusterResourceId of aws rds describe-db-clusters (cluster- and capitals and digits), not the identifier; db-… is right only for an RDS instance outside of Aurora, prx-… for a proxy',
        ),
      ),
};
