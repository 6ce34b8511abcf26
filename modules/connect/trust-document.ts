import type { Trust } from '../environment/principals';
import { oidcProviderArn, rootArn } from '../names/arn';
import type { Place } from '../names/place';

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
 * GitHub: https://docs.github.com/en/actions/reference/security/oidc
 * @param home of the role: partition and account as Terraform references or values, the region as written
 */
export function trustDocument(trust: Trust, home: Place): TrustDocument {
  switch (trust.kind) {
    case 'service':
      return document(
        { Service: serviceName(trust.service, home) },
        actionsOf(trust.service),
        namesItsAccount(trust.service) ? { 'aws:SourceAccount': home.account } : undefined,
      );
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
        { AWS: rootArn({ partition: home.partition, account: trust.account }) },
        'sts:AssumeRole',
        trust.externalId === undefined ? undefined : { 'sts:ExternalId': trust.externalId },
      );
  }
}

function webIdentity(home: Place, issuer: string, subject: string): TrustDocument {
  // Equality, never a pattern: `repo:owner/*` would let every branch and pull request in.
  return document({ Federated: oidcProviderArn(home, issuer) }, 'sts:AssumeRoleWithWebIdentity', {
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

/**
 * What there is to say about a trust that a stranger could come to meet, or that never matches; undefined: nothing.
 * GitHub sends ids for repositories that were created, renamed or transferred since 2026-07-15, and for others by choice:
 * https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
 * @param where `principal deploy of environment prod`
 */
export function trustWarning(trust: Trust, where: string): string | undefined {
  if (trust.kind !== 'github' || trust.repository.includes('@')) return undefined;
  const { repository } = trust;
  return (
    `The ${where} trusts the GitHub repository ${repository} by its names. Whoever registers a freed name gets the role, and ` +
    'repositories created, renamed or transferred since 2026-07-15 send a subject with ids, which this trust policy never ' +
    `matches. Write owner@<owner id>/name@<repository id>: gh api repos/${repository} --jq '"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)"'. ` +
    `An older repository sends ids once it opts in (docs/pipelines.md).`
  );
}

function serviceName(service: Extract<Trust, { kind: 'service' }>['service'], home: Place): string {
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

/**
 * Whether the service says for which account it assumes a role. Documented for
 * ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html and
 * Lambda: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html; not for EC2 and pods of EKS.
 */
function namesItsAccount(service: Extract<Trust, { kind: 'service' }>['service']): boolean {
  return service === 'ecsTasks' || service === 'lambda';
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
