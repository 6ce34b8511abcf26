import {
  CreateRoleCommand,
  EntityAlreadyExistsException,
  GetRoleCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { rootArn } from '../../modules/names/arn';
import type { Account } from '../../modules/names/place';

/** Does `otherwise` where what `create` makes is there already: a playground is deployed to again and again. */
export async function unlessThere<T>(create: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof EntityAlreadyExistsException)) throw error;
    return otherwise();
  }
}

/** A role that everybody in the account may assume; of that name, if there is one. @returns its ARN */
export async function createRole(iam: IAMClient, role: Account & { readonly name: string }): Promise<string> {
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: rootArn(role) },
      },
    ],
  };
  const { Role } = await unlessThere(
    () =>
      iam.send(
        new CreateRoleCommand({ RoleName: role.name, AssumeRolePolicyDocument: JSON.stringify(trust) }),
      ),
    () => iam.send(new GetRoleCommand({ RoleName: role.name })),
  );
  if (!Role?.Arn) throw new Error(`CreateRole of ${role.name} gave no ARN`);
  return Role.Arn;
}
