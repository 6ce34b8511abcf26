import { CreateRoleCommand, type IAMClient } from '@aws-sdk/client-iam';
import { rootArn } from '../../modules/names/arn';
import type { Account } from '../../modules/names/place';

/** A role that everybody in the account may assume. @returns its ARN */
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
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: role.name, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  if (!Role?.Arn) throw new Error(`CreateRole of ${role.name} gave no ARN`);
  return Role.Arn;
}
