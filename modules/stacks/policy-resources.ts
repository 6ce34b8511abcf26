import { IamGroupPolicyAttachment } from '@cdktf/provider-aws/lib/iam-group-policy-attachment';
import { IamInstanceProfile } from '@cdktf/provider-aws/lib/iam-instance-profile';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { IamUserPolicyAttachment } from '@cdktf/provider-aws/lib/iam-user-policy-attachment';
import type { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import { connectDocuments, type PolicyTargets, policyName } from '../connect/documents';
import { type RoleHome, trustDocument } from '../connect/trust-document';
import type { Environment } from '../environment/environment';
import {
  identityNameOf,
  MAIN_TARGET,
  type NewRolePrincipal,
  type Principal,
} from '../environment/principals';
import { type DatabaseTarget, OWN_NAME } from '../names/arn';
import { address, terraformText, terraformTexts } from '../names/terraform';

/** What was made. The key is that of the principal: `api`, then `api.2`, `api.3` where one policy is too small. */
export interface PrincipalPolicies {
  /** Not of a principal that is a document only. */
  readonly policyArns: Readonly<Record<string, string>>;
  /** JSON as Terraform reads it, with references in it. */
  readonly policyDocuments: Readonly<Record<string, string>>;
  /** Of the roles that were created. */
  readonly roleArns: Readonly<Record<string, string>>;
}

export interface PrincipalPoliciesOptions {
  /** @default the AWS provider of the stack */
  readonly provider?: TerraformProvider;
  /** The cluster's name in those of the policies, where Terraform knows it later. @default cluster.identifier */
  readonly identifier?: string;
}

/** The policies of every principal, attached where it is an IAM identity. */
export function principalPolicies(
  scope: Construct,
  environment: Environment,
  targets: PolicyTargets,
  { provider, identifier = environment.cluster.identifier }: PrincipalPoliciesOptions = {},
): PrincipalPolicies {
  // The region as it is written: only partition and account are not known before the cluster is.
  const home = { ...(targets.targets[MAIN_TARGET] as DatabaseTarget), region: environment.region };
  const inProvider = provider ? { provider } : {};
  const policyArns: Record<string, string> = {};
  const policyDocuments: Record<string, string> = {};
  const roleArns: Record<string, string> = {};
  for (const [key, principal] of Object.entries(environment.principals)) {
    const attach = attacher(scope, key, principal, home, inProvider, roleArns);
    connectDocuments(environment, principal, targets).forEach((document, index) => {
      // `api`, `api.2`, `api.3`: a key has no dot.
      const number = index === 0 ? '' : String(index + 1);
      const name = [key, number].filter(Boolean).join('.');
      // Terraform would take IAM's variable for an expression of its own.
      const text = JSON.stringify(document).replaceAll(OWN_NAME, () => terraformText(OWN_NAME));
      policyDocuments[name] = text;
      if (!attach) return;
      const policy = new IamPolicy(scope, address(`policy${number}`, key), {
        ...inProvider,
        name: policyName(environment, name, identifier),
        description: `aurora-iam: as whom ${key} connects to ${identifier}`,
        policy: text,
      });
      policyArns[name] = policy.arn;
      attach(address(`attachment${number}`, key), policy.arn);
    });
  }
  return { policyArns, policyDocuments, roleArns };
}

type InProvider = { readonly provider?: TerraformProvider };

/** How a policy is attached to the principal; creates the role first where it is a new one. */
function attacher(
  scope: Construct,
  key: string,
  principal: Principal,
  home: RoleHome,
  inProvider: InProvider,
  roleArns: Record<string, string>,
): ((id: string, policyArn: string) => void) | undefined {
  switch (principal.kind) {
    case 'document':
      return undefined;
    case 'role':
      return (id, policyArn) =>
        new IamRolePolicyAttachment(scope, id, {
          ...inProvider,
          role: identityNameOf(principal.role),
          policyArn,
        });
    case 'user':
      return (id, policyArn) =>
        new IamUserPolicyAttachment(scope, id, {
          ...inProvider,
          user: identityNameOf(principal.user),
          policyArn,
        });
    case 'group':
      return (id, policyArn) =>
        new IamGroupPolicyAttachment(scope, id, {
          ...inProvider,
          group: identityNameOf(principal.group),
          policyArn,
        });
    case 'newRole': {
      const role = createRole(scope, key, principal, home, inProvider);
      roleArns[key] = role.arn;
      return (id, policyArn) =>
        new IamRolePolicyAttachment(scope, id, { ...inProvider, role: role.name, policyArn });
    }
  }
}

function createRole(
  scope: Construct,
  key: string,
  principal: NewRolePrincipal,
  home: RoleHome,
  inProvider: InProvider,
): IamRole {
  const { name, trust, path, permissionsBoundaryArn, maxSessionDuration, tags } = principal;
  const role = new IamRole(scope, address('role', key), {
    ...inProvider,
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
    new IamInstanceProfile(scope, address('instance-profile', key), {
      ...inProvider,
      name,
      role: role.name,
    });
  return role;
}
