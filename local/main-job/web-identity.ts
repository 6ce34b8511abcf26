import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Principal } from '../../modules/environment/principals';
import { identityOf } from './logins';

/** A workload as its OIDC issuer knows it. */
export interface WebIdentity {
  /** URL: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  readonly subject: string;
  /** Name of a check -> the same issuer's name for a workload that is not this one. */
  readonly otherSubjects: Readonly<Record<string, string>>;
  readonly audience: string;
}

/**
 * The workload that may assume a new role; undefined: the role is not for a web identity.
 * Written as GitHub and Kubernetes write it, on purpose without a look at the trust policy, which is put to the test.
 * https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
 */
export function webIdentityOf(principal: Principal): WebIdentity | undefined {
  if (principal.kind !== 'newRole') return undefined;
  const { trust } = principal;
  // What GitHub's action configure-aws-credentials and EKS's pod identity webhook ask for.
  const audience = 'sts.amazonaws.com';
  switch (trust.kind) {
    case 'github': {
      const { repository, environment, branch, tag } = trust;
      const of =
        environment !== undefined
          ? `environment:${environment}`
          : branch !== undefined
            ? `ref:refs/heads/${branch}`
            : `ref:refs/tags/${tag}`;
      return {
        issuer: 'https://token.actions.githubusercontent.com',
        subject: `repo:${repository}:${of}`,
        otherSubjects: {
          'other-subject': `repo:${repository}:ref:refs/heads/another-branch`,
          ...sameNames(repository, of),
        },
        audience,
      };
    }
    case 'eks': {
      const account = (namespace: string) => `system:serviceaccount:${namespace}:${trust.serviceAccount}`;
      return {
        issuer: `https://${trust.issuer}`,
        subject: account(trust.namespace),
        otherSubjects: { 'other-subject': account('another-namespace') },
        audience,
      };
    }
    default:
      return undefined;
  }
}

/** Repositories of the same names, in the form of old and of somebody who took the names over. */
function sameNames(repository: string, of: string): Record<string, string> {
  if (!repository.includes('@')) return {};
  const ids = /@\d+/g;
  return {
    'names-only': `repo:${repository.replaceAll(ids, '')}:${of}`,
    'other-ids': `repo:${repository.replaceAll(ids, (id) => `${id}0`)}:${of}`,
  };
}

/** Temporary credentials of a role for the bearer of a token. @throws what STS says, as the SDK throws it */
export async function assumeRoleWithWebIdentity(
  awsEndpoint: string,
  region: string,
  roleArn: string,
  webIdentityToken: string,
): Promise<AwsCredentialIdentity> {
  const sts = new STSClient({ endpoint: awsEndpoint, region, maxAttempts: 1 });
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleArn,
        RoleSessionName: 'check',
        WebIdentityToken: webIdentityToken,
      }),
    );
    return identityOf(Credentials, roleArn);
  } finally {
    sts.destroy();
  }
}
