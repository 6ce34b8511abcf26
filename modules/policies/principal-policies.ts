import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import type { ClusterLookup } from '../cluster/cluster-lookup';
import type { Environment } from '../environment/environment';
import { address } from '../environment/names';
import { roleNameOf } from '../environment/principals';
import { connectDocument } from './document';

/** One policy per principal, attached where the principal is a role; all documents are outputs too. */
export function principalPolicies(scope: Construct, environment: Environment, cluster: ClusterLookup): void {
  const arns: Record<string, string> = {};
  const documents: Record<string, string> = {};
  for (const [key, principal] of Object.entries(environment.principals)) {
    const document = JSON.stringify(connectDocument(cluster, principal));
    documents[key] = document;
    if (principal.kind === 'document') continue;
    const policy = new IamPolicy(scope, address('policy', key), {
      name: policyName(environment, key),
      description: `aurora-iam: as whom ${key} connects to ${environment.cluster.identifier}`,
      policy: document,
    });
    arns[key] = policy.arn;
    new IamRolePolicyAttachment(scope, address('attachment', key), {
      role: roleNameOf(principal.role),
      policyArn: policy.arn,
    });
  }
  new TerraformOutput(scope, 'policy_arns', { value: arns });
  new TerraformOutput(scope, 'policy_documents', { value: documents });
}

/** Unique in an account: a dot can stand in none of the three parts, and their lengths add up to 128 at most. */
function policyName(environment: Environment, key: string): string {
  return `${environment.cluster.identifier}.${environment.name}.${key}`;
}
