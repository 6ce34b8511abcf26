import { lowerCase } from '../evaluator/wildcard';
import { meantActions } from '../known-actions';
import { lintedResource, mayBeOf } from './linted-resource';
import { quoted, type Rule, told } from './rule';

export const describeOnDbuser: Rule = {
  id: 'describe-on-dbuser',
  inStatement: ({ allows, actions, resources }) => {
    const onDatabaseUsers = resources.some((resource) => lintedResource(resource).isDatabaseUser);
    // Beside the ARN of a cluster, or beside *, such an action has something to work on.
    if (!onDatabaseUsers || resources.some((resource) => mayBeOf('rds', resource))) return [];
    return actions
      .filter((action) => lowerCase(action).startsWith('rds:') && meantActions(action).length > 0)
      .map((action) =>
        told(
          `${quoted(action)} takes no dbuser resource, so it ${allows ? 'grants' : 'denies'} nothing here, and connecting does not need it`,
          'remove it, or for a program that looks the cluster up allow rds:DescribeDBClusters on arn:<partition>:rds:<region>:<account>:cluster:<identifier>',
        ),
      );
  },
};
