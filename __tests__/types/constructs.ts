// What the compiler promises of the constructs and matchers. Compiled by `npm run build`, never run.
import type { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import type { TerraformStack } from 'cdktf';
import { ConnectPolicies, DatabaseAccess, iamRole } from '../../modules';
import { type AllowedConnect, toAllowConnect } from '../../testing';
import { access } from './access';

export function use(stack: TerraformStack, cluster: RdsCluster): void {
  new DatabaseAccess(stack, 'access', { cluster, access });
  new ConnectPolicies(stack, 'connect', {
    cluster,
    access,
    principals: { api: iamRole('app-api', { connectsAs: ['api'] }) },
  });
  new ConnectPolicies(stack, 'connect', {
    cluster,
    access,
    // @ts-expect-error: a login that does not exist
    principals: { api: iamRole('app-api', { connectsAs: ['apy'] }) },
  });
  // @ts-expect-error: the identifier alone names no cluster that a policy could be for
  new DatabaseAccess(stack, 'access', { cluster: { clusterIdentifier: 'app' }, access });

  expect(stack).toAllowConnect({ principal: 'api', login: 'api' });
  // @ts-expect-error: as whom?
  toAllowConnect(stack, { principal: 'api' });
  // @ts-expect-error: no list
  expect(stack).toAllowNothingBut({ principal: 'api', login: 'api' });
}

/** What must compile. */
export const list: AllowedConnect[] = [{ principal: 'api', login: 'api', lookUp: true }];
