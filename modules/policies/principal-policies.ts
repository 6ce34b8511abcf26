import { IamGroupPolicyAttachment } from '@cdktf/provider-aws/lib/iam-group-policy-attachment';
import { IamInstanceProfile } from '@cdktf/provider-aws/lib/iam-instance-profile';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { IamUserPolicyAttachment } from '@cdktf/provider-aws/lib/iam-user-policy-attachment';
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../environment/environment';
import { address, terraformText, terraformTexts } from '../environment/names';
import {
  identityNameOf,
  MAIN_TARGET,
  type NewRolePrincipal,
  type Principal,
} from '../environment/principals';
import { type DatabaseTarget, OWN_NAME } from './arn';
import { connectDocuments, type PolicyTargets, policyName } from './document';
import { type RoleHome, trustDocument } from './trust';

/** The policies of every principal, attached where it is an IAM identity; all documents are outputs too. */
export function principalPolicies(scope: Construct, environment: Environment, targets: PolicyTargets): void {
  // The region as it is written: only partition and account are not known before the cluster is.
  const home = { ...(targets.targets[MAIN_TARGET] as DatabaseTarget), region: environment.region };
  const arns: Record<string, string> = {};
  const documents: Record<string, string> = {};
  const roleArns: Record<string, string> = {};
  for (const [key, principal] of Object.entries(environment.principals)) {
    const attach = attacher(scope, key, principal, home, roleArns);
    connectDocuments(environment, principal, targets).forEach((document, index) => {
      // `api`, `api.2`, `api.3`: a key has no dot.
      const number = index === 0 ? '' : String(index + 1);
      const name = [key, number].filter(Boolean).join('.');
      // Terraform would take IAM's variable for an expression of its own.
      const text = JSON.stringify(document).replaceAll(OWN_NAME, () => terraformText(OWN_NAME));
      documents[name] = text;
      if (!attach) return;
      const policy = new IamPolicy(scope, address(`policy${number}`, key), {
        name: policyName(environment, name),
        description: `aurora-iam: as whom ${key} connects to ${environment.cluster.identifier}`,
        policy: text,
      });
      arns[name] = policy.arn;
      attach(address(`attachment${number}`, key), policy.arn);
    });
  }
  const output = (name: string, value: Record<string, string>) => new TerraformOutput(scope, name, { value });
  output('policy_arns', arns);
  output('policy_documents', documents);
  if (Object.keys(roleArns).length > 0) output('role_arns', roleArns);
}

/** How a policy is attached to the principal; creates the role first where it is a new one. */
function attacher(
  scope: Construct,
  key: string,
  principal: Principal,
  home: RoleHome,
  roleArns: Record<string, string>,
): ((id: string, policyArn: string) => void) | undefined {
  switch (principal.kind) {
    case 'document':
      return undefined;
    case 'role':
      return (id, policyArn) =>
        new IamRolePolicyAttachment(scope, id, { role: identityNameOf(principal.role), policyArn });
    case 'user':
      return (id, policyArn) =>
        new IamUserPolicyAttachment(scope, id, { user: identityNameOf(principal.user), policyArn });
    case 'group':
      return (id, policyArn) =>
        new IamGroupPolicyAttachment(scope, id, { group: identityNameOf(principal.group), policyArn });
    case 'newRole': {
      const role = createRole(scope, key, principal, home);
      roleArns[key] = role.arn;
      return (id, policyArn) => new IamRolePolicyAttachment(scope, id, { role: role.name, policyArn });
    }
  }
}

function createRole(scope: Construct, key: string, principal: NewRolePrincipal, home: RoleHome): IamRole {
  const { name, trust, path, permissionsBoundaryArn, maxSessionDuration, tags } = principal;
  const role = new IamRole(scope, address('role', key), {
    name,
    description: `aurora-iam: principal ${key}`,
    assumeRolePolicy: JSON.stringify(trustDocument(trust, home)),
    ...(path === undefined ? {} : { path }),
    ...(permissionsBoundaryArn === undefined ? {} : { permissionsBoundary: permissionsBoundaryArn }),
    ...(maxSessionDuration === undefined ? {} : { maxSessionDuration }),
    ...(tags === undefined ? {} : { tags: terraformTexts(tags) }),
  });
  // An instance takes its role by a profile only.
  if (trust.kind === 'service' && trust.service === 'ec2')
    new IamInstanceProfile(scope, address('instance-profile', key), { name, role: role.name });
  return role;
}
