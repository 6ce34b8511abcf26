import type { Environment } from '../../environment/environment';
import { secretArn } from '../../names/arn';
import type { Place } from '../../names/place';
import { literal } from './statement';

/**
 * The secret that RDS keeps for the master: its name has an id that nobody knows before.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
 */
export function managedSecret(home: Place, kind: 'cluster' | 'instance'): string {
  const name = kind === 'instance' ? 'rds!db-*' : 'rds!cluster-*';
  return secretArn(home, name);
}

/**
 * RDS tags the secret with the ARN of what it is the master's of. Without that, `rds!cluster-*` would be the secrets of all
 * clusters. The tags' names are in RDS's own policy:
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonRDSServiceRolePolicy.html
 */
export function managedSecretKey(kind: 'cluster' | 'instance'): string {
  const tag = kind === 'instance' ? 'aws:rds:primaryDBInstanceArn' : 'aws:rds:primaryDBClusterArn';
  return `secretsmanager:ResourceTag/${tag}`;
}

/** The key that a created cluster's secret is to be encrypted with, if it is named as an ARN. */
export function secretKeyOf({ cluster }: Environment): string | undefined {
  const key = cluster.kind === 'created' ? cluster.overrides?.cluster?.masterUserSecretKmsKeyId : undefined;
  return key?.startsWith('arn:') ? literal(key) : undefined;
}
