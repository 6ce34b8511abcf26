import { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { MainLookUp } from '../cluster/look-up';
import type { Admin, Environment } from '../environment/environment';
import { terraformText } from '../environment/names';
import { certificateAuthorityFile } from './certificate-authorities';

const DEFAULT_ADMIN: Admin = { kind: 'rdsManagedSecret' };

export function adminOf(environment: Environment): Admin {
  return environment.admin ?? DEFAULT_ADMIN;
}

/**
 * The postgresql provider, logged in as the environment's admin over verified TLS. Everything in its block is
 * known at plan; the password is an ephemeral value, which Terraform writes neither to a plan nor to a state.
 */
export function adminConnection(
  scope: Construct,
  environment: Environment,
  cluster: MainLookUp,
): PostgresqlProvider {
  const admin = adminOf(environment);
  const { through } = environment;
  const username =
    'username' in admin && admin.username ? terraformText(admin.username) : cluster.masterUsername;
  const password = adminPassword(scope, admin, cluster);
  return new PostgresqlProvider(scope, 'postgresql', {
    scheme: 'postgres',
    host: through?.host ?? cluster.endpoint,
    port: through?.port ?? cluster.port,
    database: terraformText(environment.cluster.databaseName),
    username,
    // Left out, the provider's driver reads PGPASSWORD.
    ...(password === undefined ? {} : { password }),
    // The provider's default of true makes it use what no RDS master may.
    superuser: false,
    sslmode: through ? (through.sslmode ?? 'verify-ca') : 'verify-full',
    sslrootcert: certificateAuthorityFile(scope, through?.certificateAuthorityFile),
    connectTimeout: 15,
  });
}

function adminPassword(scope: Construct, admin: Admin, cluster: MainLookUp): string | undefined {
  if (admin.kind === 'environmentPassword') return undefined;
  const secretId = admin.kind === 'secret' ? terraformText(admin.secretArn) : cluster.masterSecretArn;
  // CDKTF has no binding for ephemeral resources; Terraform has them from 1.10 on.
  TerraformStack.of(scope).addOverride('ephemeral.aws_secretsmanager_secret_version.admin', {
    secret_id: secretId,
  });
  return '${jsondecode(ephemeral.aws_secretsmanager_secret_version.admin.secret_string)["password"]}';
}
