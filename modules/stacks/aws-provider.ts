import { AwsProvider, type AwsProviderConfig } from '@cdktf/provider-aws/lib/provider';
import type { Construct } from 'constructs';
import type { Environment } from '../environment/environment';
import { terraformTexts } from '../names/terraform';

/**
 * The AWS provider of an environment: bound to its account, so that what is meant for one cannot be deployed into another, and
 * working as the role that the environment names.
 * @param other a further one, for another region
 */
export function awsProvider(
  scope: Construct,
  id: string,
  { account, region, assumeRole, tags }: Environment,
  other: Pick<AwsProviderConfig, 'alias' | 'region'> = {},
): AwsProvider {
  return new AwsProvider(scope, id, {
    region,
    allowedAccountIds: [account],
    ...(assumeRole ? { assumeRole: [{ ...assumeRole, sessionName: 'aurora-iam' }] } : {}),
    ...(tags ? { defaultTags: [{ tags: terraformTexts(tags) }] } : {}),
    ...other,
  });
}
