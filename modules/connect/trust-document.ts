import type { Trust } from '../environment/principals';

/** Where the role is: partition and account as Terraform references or values, the region as written. */
export interface RoleHome {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
}

/** A trust policy: who may assume a role, and nobody else. */
export interface TrustDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly [
    {
      readonly Effect: 'Allow';
      readonly Principal: Readonly<Record<string, string>>;
      readonly Action: string | readonly string[];
      readonly Condition?: { readonly StringEquals: Readonly<Record<string, string>> };
    },
  ];
}

const GITHUB_ISSUER = 'token.actions.githubusercontent.com';

/**
 * The trust policy of a new role. The OIDC providers are those that the account has: this project creates none.
 * EKS: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 * GitHub: https://docs.github.com/actions/reference/openid-connect-reference
 */
export function trustDocument(trust: Trust, home: RoleHome): TrustDocument {
  switch (trust.kind) {
    case 'service':
      return document({ Service: serviceName(trust.service, home) }, actionsOf(trust.service));
    case 'eks':
      return webIdentity(
        home,
        trust.issuer,
        `system:serviceaccount:${trust.namespace}:${trust.serviceAccount}`,
      );
    case 'github':
      return webIdentity(home, GITHUB_ISSUER, githubSubject(trust));
    case 'account':
      return document(
        { AWS: `arn:${home.partition}:iam::${trust.account}:root` },
        'sts:AssumeRole',
        trust.externalId === undefined ? undefined : { 'sts:ExternalId': trust.externalId },
      );
  }
}

function webIdentity(home: RoleHome, issuer: string, subject: string): TrustDocument {
  const provider = `arn:${home.partition}:iam::${home.account}:oidc-provider/${issuer}`;
  // Equality, never a pattern: `repo:owner/*` would let every branch and pull request in.
  return document({ Federated: provider }, 'sts:AssumeRoleWithWebIdentity', {
    [`${issuer}:aud`]: home.region.startsWith('cn-') ? 'sts.amazonaws.com.cn' : 'sts.amazonaws.com',
    [`${issuer}:sub`]: subject,
  });
}

function githubSubject(trust: Extract<Trust, { kind: 'github' }>): string {
  const of =
    trust.environment !== undefined
      ? `environment:${trust.environment}`
      : trust.branch !== undefined
        ? `ref:refs/heads/${trust.branch}`
        : `ref:refs/tags/${trust.tag}`;
  return `repo:${trust.repository}:${of}`;
}

function serviceName(service: Extract<Trust, { kind: 'service' }>['service'], home: RoleHome): string {
  switch (service) {
    case 'lambda':
      return 'lambda.amazonaws.com';
    case 'ecsTasks':
      return 'ecs-tasks.amazonaws.com';
    case 'ec2':
      return home.region.startsWith('cn-') ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com';
    case 'podIdentity':
      return 'pods.eks.amazonaws.com';
  }
}

function actionsOf(service: Extract<Trust, { kind: 'service' }>['service']): string | string[] {
  // EKS tags the sessions of pods: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
  return service === 'podIdentity' ? ['sts:AssumeRole', 'sts:TagSession'] : 'sts:AssumeRole';
}

function document(
  principal: Readonly<Record<string, string>>,
  action: string | string[],
  equals?: Readonly<Record<string, string>>,
): TrustDocument {
  const condition = equals ? { Condition: { StringEquals: equals } } : {};
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: action, ...condition }],
  };
}
