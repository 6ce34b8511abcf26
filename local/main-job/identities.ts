import {
  AddUserToGroupCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateOpenIDConnectProviderCommand,
  CreateUserCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Environment } from '../../modules';
import { identityNameOf, loginsOf, type Principal } from '../../modules/environment/principals';
import { createRole, unlessThere } from './roles';
import { webIdentityOf } from './web-identity';

/** What an account has before this project comes to it. */
export interface Identities {
  /** principal -> ARN of the role to assume: those that exist, and one per document. */
  readonly roles: Map<string, string>;
  /** login -> access key of an IAM user who may connect under this name, directly or as a member of a group. */
  readonly users: Map<string, AwsCredentialIdentity>;
}

/**
 * Creates what the principals of an environment take for granted: roles, users, groups with their members, and the
 * OIDC providers that new roles trust. New roles are not among them: the policies stack makes those.
 */
export async function createIdentities(environment: Environment, iam: IAMClient): Promise<Identities> {
  const { account, principals } = environment;
  const identities: Identities = { roles: new Map(), users: new Map() };
  const keys = new Map<string, AwsCredentialIdentity>();
  const userKey = async (name: string): Promise<AwsCredentialIdentity> => {
    // One user may be named by several principals.
    const key = keys.get(name) ?? (await createUser(iam, name));
    keys.set(name, key);
    return key;
  };
  for (const [key, principal] of Object.entries(principals)) {
    if (principal.kind === 'role' || principal.kind === 'document') {
      const name = principal.kind === 'role' ? identityNameOf(principal.role) : key;
      identities.roles.set(key, await createRole(iam, { name, account, partition: 'aws' }));
    } else if (principal.kind === 'user' || principal.kind === 'group') {
      if (principal.kind === 'group') {
        const GroupName = identityNameOf(principal.group);
        await unlessThere<unknown>(
          () => iam.send(new CreateGroupCommand({ GroupName })),
          async () => {},
        );
      }
      for (const [login, user] of usersOf(principal)) {
        identities.users.set(login, await userKey(user));
        if (principal.kind === 'group') {
          const member = { GroupName: identityNameOf(principal.group), UserName: user };
          await iam.send(new AddUserToGroupCommand(member));
        }
      }
    }
  }
  await createOidcProviders(Object.values(principals), iam);
  return identities;
}

/** login -> IAM user. Whoever connects under names of their own are several, of a group as of a user. */
function usersOf(principal: Extract<Principal, { kind: 'user' | 'group' }>): [string, string][] {
  const name =
    principal.kind === 'user' ? identityNameOf(principal.user) : `${identityNameOf(principal.group)}-member`;
  const ownName = 'ownName' in principal.connectsAs;
  return loginsOf(principal).map((login) => [login, ownName ? login : name]);
}

export async function createUser(iam: IAMClient, UserName: string): Promise<AwsCredentialIdentity> {
  await unlessThere<unknown>(
    () => iam.send(new CreateUserCommand({ UserName })),
    async () => {},
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  if (!AccessKey?.AccessKeyId || !AccessKey.SecretAccessKey)
    throw new Error(`CreateAccessKey of ${UserName} gave no key`);
  return { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
}

/** One per issuer, for all its audiences. */
async function createOidcProviders(principals: readonly Principal[], iam: IAMClient): Promise<void> {
  const identities = principals.flatMap((principal) => webIdentityOf(principal) ?? []);
  for (const issuer of new Set(identities.map((identity) => identity.issuer))) {
    const audiences = identities.filter((each) => each.issuer === issuer).map((each) => each.audience);
    const ClientIDList = [...new Set(audiences)];
    await unlessThere<unknown>(
      () => iam.send(new CreateOpenIDConnectProviderCommand({ Url: issuer, ClientIDList })),
      async () => {},
    );
  }
}
