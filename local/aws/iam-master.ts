import { randomBytes } from 'node:crypto';
import { type AwsAnswer, type AwsCall, errorAnswer, withElementText } from './aws-protocol';

// Clusters whose master logs in by IAM. moto knows neither MasterUserAuthenticationType nor the express configuration, so it is
// given a cluster with a password that nobody learns, and the server behind the gate gets a master without one.

/** What `--with-express-configuration` decides, as far as access depends on it; there is no database but `postgres`.
 *  https://docs.aws.amazon.com/cli/latest/reference/rds/create-db-cluster.html (example 3) */
const EXPRESS = { MasterUsername: 'postgres', EnableIAMDatabaseAuthentication: 'true' };

/** The writer that RDS adds to an express cluster, so that nobody has to call CreateDBInstance. */
export function expressWriter(call: AwsCall, identifier: string): Record<string, string> {
  return {
    Version: call.parameters.get('Version') ?? '2014-10-31',
    DBInstanceIdentifier: `${identifier}-instance-1`,
    DBClusterIdentifier: identifier,
    DBInstanceClass: 'db.serverless',
    Engine: 'aurora-postgresql',
  };
}

/** Where such a cluster is reached here: the provider signs a token for the name that it dials, and RDS's names lead nowhere. */
export const LOCAL_ENDPOINT = 'localhost';

export function isExpress(call: AwsCall): boolean {
  return call.parameters.get('WithExpressConfiguration')?.toLowerCase() === 'true';
}

/** What the call says of the master; undefined: nothing. */
export function masterByIam(call: AwsCall): boolean | undefined {
  if (isExpress(call)) return true;
  const type = call.parameters.get('MasterUserAuthenticationType');
  return type === null ? undefined : type === 'iam-db-auth';
}

/** What RDS refuses about the master; undefined: nothing. @param iamAuthentication whether it is on after the call */
export function masterFault(call: AwsCall, iamAuthentication: boolean): AwsAnswer | undefined {
  const type = call.parameters.get('MasterUserAuthenticationType');
  const refused = (message: string) => errorAnswer(call, 400, 'InvalidParameterCombination', message);
  if (type !== null && !['password', 'iam-db-auth'].includes(type))
    return errorAnswer(
      call,
      400,
      'InvalidParameterValue',
      `Invalid master user authentication type: ${type}. Valid values: password, iam-db-auth.`,
    );
  if (!masterByIam(call)) return undefined;
  const password = ['MasterUserPassword', 'ManageMasterUserPassword', 'RotateMasterUserPassword'].find(
    (name) => !['false', undefined].includes(call.parameters.get(name)?.toLowerCase()),
  );
  if (password !== undefined)
    return refused(`You can't specify ${password} for a master user that logs in by IAM.`);
  if (isExpress(call) && type === 'password')
    return refused('With express configuration, the master user logs in by IAM.');
  const decided = isExpress(call)
    ? [...Object.keys(EXPRESS), 'DatabaseName', 'Port'].find((name) => call.parameters.has(name))
    : undefined;
  if (decided !== undefined) return refused(`You can't specify ${decided} with express configuration.`);
  if (!iamAuthentication && !isExpress(call))
    return refused('A master user that logs in by IAM needs EnableIAMDatabaseAuthentication.');
  return undefined;
}

/**
 * The call as moto understands it.
 * @param port of an express cluster, which RDS decides; 5432 there
 */
export function forMoto(call: AwsCall, port: number): Record<string, string> {
  const {
    Action: _action,
    WithExpressConfiguration: _express,
    MasterUserAuthenticationType: _type,
    ...parameters
  } = Object.fromEntries(call.parameters);
  return {
    ...(isExpress(call) ? { ...EXPRESS, Port: String(port) } : {}),
    ...parameters,
    MasterUserPassword: randomBytes(24).toString('hex'),
  };
}

/** The answer with the names under which these clusters are reached here. @param resourceIds of the clusters */
export function withLocalEndpoints(answer: AwsAnswer, resourceIds: ReadonlySet<string>): AwsAnswer {
  return withClusters(answer, resourceIds, (cluster) =>
    withElementText(withElementText(cluster, 'Endpoint', LOCAL_ENDPOINT), 'ReaderEndpoint', LOCAL_ENDPOINT),
  );
}

/**
 * The answer with what RDS says of express clusters only, and moto of none.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html
 */
export function withExpress(answer: AwsAnswer, resourceIds: ReadonlySet<string>): AwsAnswer {
  return withClusters(answer, resourceIds, (cluster) =>
    cluster.replace(
      /<\/DBCluster>$/,
      '<VPCNetworkingEnabled>false</VPCNetworkingEnabled><InternetAccessGatewayEnabled>true</InternetAccessGatewayEnabled></DBCluster>',
    ),
  );
}

function withClusters(
  answer: AwsAnswer,
  resourceIds: ReadonlySet<string>,
  change: (cluster: string) => string,
): AwsAnswer {
  const text = answer.body.toString();
  if (![...resourceIds].some((id) => text.includes(id))) return answer;
  const body = text.replace(/<DBCluster>[\s\S]*?<\/DBCluster>/g, (cluster) =>
    [...resourceIds].some((id) => cluster.includes(`<DbClusterResourceId>${id}</DbClusterResourceId>`))
      ? change(cluster)
      : cluster,
  );
  return { ...answer, body: Buffer.from(body) };
}
