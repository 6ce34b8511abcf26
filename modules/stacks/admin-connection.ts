import { PostgresqlProvider, type PostgresqlProviderConfig } from '@cdktf/provider-postgresql/lib/provider';
import { type TerraformProvider, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { adminLogin, type PasswordSource } from '../environment/admin';
import type { Environment } from '../environment/environment';
import { address, terraformText } from '../names/terraform';
import { certificateAuthorityFile } from './certificate-authorities';
import type { MainLookUp } from './look-up';

/**
 * The postgresql provider, logged in as the environment's admin over verified TLS. Everything in its block is
 * known at plan; the password is an ephemeral value, which Terraform writes neither to a plan nor to a state.
 * @returns the provider for another database than the main one, made when it is asked for
 */
export function adminConnection(
  scope: Construct,
  environment: Environment,
  cluster: MainLookUp,
): (database: string) => TerraformProvider | undefined {
  const { username, password, through, tls } = adminLogin(environment);
  const connection: PostgresqlProviderConfig = {
    scheme: 'postgres',
    host: through ? terraformText(through.host) : cluster.endpoint,
    port: through?.port ?? cluster.port,
    username: username === undefined ? cluster.masterUsername : terraformText(username),
    ...adminAuthentication(scope, password, cluster),
    // The provider's default of true makes it use what no RDS master may.
    superuser: false,
    sslmode: tls.sslmode,
    sslrootcert: certificateAuthorityFile(scope, tls.certificateAuthorityFile),
    connectTimeout: 15,
    // The provider keeps no idle connection, and hands one on only where others wait for it: with one, a plan of many logins
    // needs far fewer of them. This is not a lock: several such pools exist.
    maxConnections: 1,
  };
  const main = environment.cluster.databaseName;
  new PostgresqlProvider(scope, 'postgresql', { ...connection, database: terraformText(main) });
  const others = new Map<string, PostgresqlProvider>();
  return (database) => {
    if (database === main) return undefined;
    const known = others.get(database);
    if (known) return known;
    const alias = address('database', database);
    const provider = new PostgresqlProvider(scope, `postgresql-${alias}`, {
      ...connection,
      alias,
      database: terraformText(database),
    });
    others.set(database, provider);
    return provider;
  };
}

function adminAuthentication(
  scope: Construct,
  source: PasswordSource,
  cluster: MainLookUp,
): Partial<PostgresqlProviderConfig> {
  switch (source.from) {
    case 'token':
      // The region counts only where neither a profile nor a role is given to the provider: those come from its environment.
      return { awsRdsIamAuth: true, awsRdsIamRegion: source.region };
    case 'environment':
      // Without a password the provider's driver reads PGPASSWORD.
      return {};
    case 'secret':
      return { password: secretPassword(scope, terraformText(source.secretArn)) };
    case 'managedSecret':
      return { password: secretPassword(scope, cluster.masterSecretArn) };
  }
}

/**
 * The password in a secret as RDS writes it (JSON with `password`), for a provider's block: read at each run, in no plan and
 * no state. Needs `secretsmanager:GetSecretValue` and Terraform 1.10.
 * @param secretArn may be a reference: `cluster.masterUserSecret.get(0).secretArn`
 * @param name tells several of one stack apart: letters, digits and _
 */
export function secretPassword(scope: Construct, secretArn: string, name = 'admin'): string {
  const address = `ephemeral.aws_secretsmanager_secret_version.${name}`;
  // CDKTF has no binding for ephemeral resources; Terraform has them from 1.10 on.
  TerraformStack.of(scope).addOverride(address, { secret_id: secretArn });
  return `\${jsondecode(${address}.secret_string)["password"]}`;
}
