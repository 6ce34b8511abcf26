import { adminOf } from '../../environment/admin';
import type { Environment } from '../../environment/environment';
import { CONNECT } from '../../iam/actions';
import type { PolicyStatement } from '../../iam/policy-document';
import { dbuserArn, dbuserPattern, rdsArn } from '../../names/arn';
import type { Place } from '../../names/place';
import type { DeploymentOptions } from './deploying-role';
import { managedSecret, managedSecretKey, secretKeyOf } from './master-secret';
import { allow, literal } from './statement';

/** How the database stack's admin logs in. In the database itself the login decides, not IAM. */
export function adminStatements(
  environment: Environment,
  home: Place,
  { resourceId }: DeploymentOptions,
): PolicyStatement[] {
  const admin = adminOf(environment);
  const [kind, type] =
    environment.cluster.kind === 'instance'
      ? (['instance', 'db'] as const)
      : (['cluster', 'cluster'] as const);
  switch (admin.kind) {
    case 'rdsManagedSecret': {
      const key = secretKeyOf(environment);
      return [
        allow('AdminSecret', ['secretsmanager:GetSecretValue'], [managedSecret(home, kind)], {
          StringEquals: { [managedSecretKey(kind)]: rdsArn(home, type, environment.cluster.identifier) },
        }),
        ...(key ? [allow('AdminSecretKey', ['kms:Decrypt'], [key])] : []),
      ];
    }
    case 'secret':
      return [allow('AdminSecret', ['secretsmanager:GetSecretValue'], [literal(admin.secretArn)])];
    case 'iam':
      return [
        allow(
          'AdminLogin',
          [CONNECT],
          [
            resourceId === undefined
              ? dbuserPattern(home, kind, admin.username)
              : dbuserArn({ ...home, resourceId }, admin.username),
          ],
        ),
      ];
    case 'environmentPassword':
      return [];
  }
}
