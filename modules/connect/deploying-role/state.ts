import { type Environment, stateKey } from '../../environment/environment';
import type { PolicyStatement } from '../../iam/policy-document';
import { bucketArn } from '../../names/arn';
import type { Place } from '../../names/place';
import { allow, literal } from './statement';

/**
 * State and lock are objects of the bucket; Terraform never deletes a state.
 * https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
 * Encryption with a key: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function stateStatements({ backend }: Environment, home: Place, stack: string): PolicyStatement[] {
  if (!backend) return [];
  const bucket = bucketArn(home, backend.bucket);
  const state = `${bucket}/${literal(stateKey(backend, stack))}`;
  return [
    allow('ListStates', ['s3:ListBucket'], [bucket]),
    allow('State', ['s3:GetObject', 's3:PutObject'], [state, `${state}.tflock`]),
    allow('Unlock', ['s3:DeleteObject'], [`${state}.tflock`]),
    ...(backend.kmsKeyArn
      ? [allow('StateKey', ['kms:Decrypt', 'kms:GenerateDataKey'], [literal(backend.kmsKeyArn)])]
      : []),
  ];
}
