import { type Environment, stackName } from '../../environment/environment';
import type { PolicyDocument, PolicyStatement } from '../../iam/policy-document';
import { numbered } from '../../names/outputs';
import { divided } from '../split';
import { clusterStatements } from './cluster';
import { adminStatements } from './database';
import { homeOf } from './home';
import { lookUpOwn, lookUpTargetsOf } from './look-ups';
import { policyStatements } from './policies';
import { stateStatements } from './state';

// What the provider calls is in its source, one file a resource: internal/service/rds/{cluster,cluster_instance,
// cluster_parameter_group,subnet_group,cluster_data_source,instance_data_source,proxy_data_source}.go and
// internal/service/iam/{policy,role,instance_profile,role_policy_attachment,user_policy_attachment,
// group_policy_attachment}.go of https://github.com/hashicorp/terraform-provider-aws. Which resources an action takes:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html, …/list_awsidentityandaccessmanagementiam.html

export interface DeploymentOptions {
  /** Of the environment's own cluster or instance, for an admin that logs in by IAM. @default any of its kind */
  readonly resourceId?: string;
}

/**
 * What the role needs that runs `cdktf diff`, `deploy` and `destroy` of the environment's stacks, on resources wherever
 * an action takes one. `sts:GetCallerIdentity`, which the provider calls too, needs no permission
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
 * What a deploy takes away (a principal, an instance) stands in the documents of the environment as it was before.
 * @returns by stack; one that is too long for a managed policy goes on in `<stack>.2`, `<stack>.3`, …
 */
export function deploymentPermissions(
  environment: Environment,
  options: DeploymentOptions = {},
): Record<string, PolicyDocument> {
  const { cluster } = environment;
  const home = homeOf(environment);
  const documents: Record<string, PolicyDocument> = {};
  const add = (stack: string, statements: readonly PolicyStatement[]) => {
    divided([...stateStatements(environment, home, stack), ...statements]).forEach((document, index) => {
      documents[numbered(stack, index)] = document;
    });
  };
  if (cluster.kind === 'created')
    add(stackName(environment, 'cluster'), clusterStatements(environment, cluster, home));
  const lookUp = lookUpOwn(environment, home);
  add(stackName(environment, 'database'), [lookUp, ...adminStatements(environment, home, options)]);
  add(stackName(environment, 'policies'), [
    lookUp,
    ...lookUpTargetsOf(environment, home),
    ...policyStatements(environment, home),
  ]);
  return documents;
}
