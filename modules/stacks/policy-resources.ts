import { IamGroupPolicyAttachment } from '@cdktf/provider-aws/lib/iam-group-policy-attachment';
import { IamInstanceProfile } from '@cdktf/provider-aws/lib/iam-instance-profile';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { IamUserPolicyAttachment } from '@cdktf/provider-aws/lib/iam-user-policy-attachment';
import { Annotations, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import { connectDocuments, type PolicyTargets, policyName } from '../connect/documents';
import { type ConnectPrincipal, connectModel } from '../connect/model';
import { proxyDocuments, proxyHops, proxyPolicyKey, proxyWarning } from '../connect/proxy-hop';
import { trustDocument, trustWarning } from '../connect/trust-document';
import type { Environment } from '../environment/environment';
import { identityNameOf, MAIN_TARGET, type NewRolePrincipal } from '../environment/principals';
import type { PolicyDocument } from '../iam/policy-document';
import { type DatabaseTarget, OWN_NAME, OWN_SAML_NAME } from '../names/arn';
import { numbered, ordinal } from '../names/outputs';
import type { Place } from '../names/place';
import { address, terraformText, terraformTexts, terraformTextWithReferences } from '../names/terraform';

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
  for (const connects of connectModel(environment).principals) {
    const { key, principal } = connects;
    const warning =
      principal.kind === 'newRole'
        ? trustWarning(principal.trust, `principal ${key} of ${environment.name}`)
        : undefined;
    if (warning !== undefined) Annotations.of(scope).addWarning(warning);
    emit(connectDocuments(environment, principal, targets), {
      name: key,
      description: `as whom ${key} connects to ${identifier}`,
      attach: attacher(scope, connects, home, inProvider, roleArns),
    });
  }
  for (const hop of proxyHops(environment)) {
    const { key, proxy, role } = hop;
    if (role === undefined)
      Annotations.of(scope).addWarning(proxyWarning(hop, `environment ${environment.name}`));
    emit(proxyDocuments(environment, hop, targets), {
      name: proxyPolicyKey(key),
      description: `the logins that come through RDS Proxy ${proxy} to ${identifier}`,
      attach:
        role === undefined
          ? undefined
          : (id, policyArn) =>
              new IamRolePolicyAttachment(scope, id, {
                ...inProvider,
                role: identityNameOf(role),
                policyArn,
              }),
    });
  }
  return { policyArns, policyDocuments, roleArns };

  function emit(documents: readonly PolicyDocument[], { name: called, description, attach }: Emitted): void {
    documents.forEach((document, index) => {
      const name = numbered(called, index);
      const number = ordinal(index);
      // Terraform would take IAM's variable for an expression of its own.
      const text = [OWN_NAME, OWN_SAML_NAME].reduce(
        (json, variable) => json.replaceAll(variable, () => terraformText(variable)),
        JSON.stringify(document),
      );
      policyDocuments[name] = text;
      if (!attach) return;
      const policy = new IamPolicy(scope, address(`policy${number}`, called), {
        ...inProvider,
        name: policyName(environment, name, identifier),
        description: `aurora-iam: ${description}`,
        policy: text,
      });
      policyArns[name] = policy.arn;
      attach(address(`attachment${number}`, called), policy.arn);
    });
  }
}

/** Whose documents are made into policies, and how. */
interface Emitted {
  /** Of the document, of the policy after cluster and environment, and in the addresses. */
  readonly name: string;
  readonly description: string;
  /** Undefined: the document is only an output. */
  readonly attach: ((id: string, policyArn: string) => void) | undefined;
}

type InProvider = { readonly provider?: TerraformProvider };

/** How a policy is attached to the principal; creates the role first where it is a new one. */
function attacher(
  scope: Construct,
  { key, identity, principal }: ConnectPrincipal,
  home: Place,
  inProvider: InProvider,
  roleArns: Record<string, string>,
): ((id: string, policyArn: string) => void) | undefined {
  switch (identity?.kind) {
    case undefined:
      return undefined;
    case 'user':
      return (id, policyArn) =>
        new IamUserPolicyAttachment(scope, id, { ...inProvider, user: identity.name, policyArn });
    case 'group':
      return (id, policyArn) =>
        new IamGroupPolicyAttachment(scope, id, { ...inProvider, group: identity.name, policyArn });
    case 'role': {
      const created =
        principal.kind === 'newRole' ? createRole(scope, key, principal, home, inProvider) : undefined;
      if (created) roleArns[key] = created.arn;
      const role = created?.name ?? identity.name;
      return (id, policyArn) => new IamRolePolicyAttachment(scope, id, { ...inProvider, role, policyArn });
    }
  }
}

function createRole(
  scope: Construct,
  key: string,
  principal: NewRolePrincipal,
  home: Place,
  inProvider: InProvider,
): IamRole {
  const { name, trust, path, permissionsBoundaryArn, maxSessionDuration, tags } = principal;
  const role = new IamRole(scope, address('role', key), {
    ...inProvider,
    name,
    description: `aurora-iam: principal ${key}`,
    assumeRolePolicy: JSON.stringify(trustDocument(trust, home)),
    ...(path === undefined ? {} : { path: terraformText(path) }),
    ...(permissionsBoundaryArn === undefined
      ? {}
      : {
          // Of a policy beside a construct it is a reference.
          permissionsBoundary: terraformTextWithReferences(permissionsBoundaryArn),
        }),
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
