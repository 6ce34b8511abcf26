import { DataAwsDbInstance } from '@cdktf/provider-aws/lib/data-aws-db-instance';
import { DataAwsRdsCluster } from '@cdktf/provider-aws/lib/data-aws-rds-cluster';
import {
  DefaultTokenResolver,
  Fn,
  Lazy,
  type Postcondition,
  StringConcat,
  TerraformOutput,
  type TerraformProvider,
  TerraformStack,
  Token,
  Tokenization,
} from 'cdktf';
import type { Construct } from 'constructs';
import { type Cluster, masterLogsInByIam, masterUsernameOf } from '../environment/cluster';
import { type DatabaseTarget, RESOURCE_ID_PATTERNS } from '../names/arn';
import { OUTPUTS } from '../names/outputs';
import { LOOK_UPS, terraformText } from '../names/terraform';

/** The environment's own cluster (or instance) as AWS describes it, asked for again in every plan. All are references. */
export interface MainLookUp extends DatabaseTarget {
  readonly arn: string;
  readonly endpoint: string;
  readonly port: number;
  readonly masterUsername: string;
  /** ARN of the secret that RDS keeps the master's password in. */
  readonly masterSecretArn: string;
}

export interface LookUpOptions {
  /** Refuse a cluster whose master has no secret managed by RDS. @default false */
  readonly masterSecretNeeded?: boolean;
}

/**
 * Looks the cluster up by its identifier, whoever created it, and refuses to go on where a login with IAM
 * could not work. Adds the outputs that everybody who wants to connect needs.
 */
export function lookUpMain(scope: Construct, cluster: Cluster, options: LookUpOptions = {}): MainLookUp {
  return cluster.kind === 'instance'
    ? lookUpInstance(scope, cluster, options)
    : lookUpMainCluster(scope, cluster, options);
}

/** A cluster of any region. */
export function lookUpCluster(
  scope: Construct,
  id: string,
  cluster: {
    readonly identifier: string;
    readonly provider?: TerraformProvider;
    /** Besides IAM authentication and the shape of the resource id. */
    readonly postconditions?: readonly Postcondition[];
  },
): DataAwsRdsCluster {
  const { identifier, provider, postconditions = [] } = cluster;
  return new DataAwsRdsCluster(scope, id, {
    clusterIdentifier: identifier,
    ...(provider ? { provider } : {}),
    lifecycle: {
      postcondition: [...clusterConditions(identifier), ...postconditions],
    },
  });
}

/** What must hold for a cluster that was looked up. */
export function clusterConditions(identifier: string): Postcondition[] {
  return [
    {
      condition: '${self.iam_database_authentication_enabled}',
      errorMessage:
        `IAM authentication is off on cluster ${identifier}, so no login with a token can succeed. Turn it on: ` +
        `aws rds modify-db-cluster --db-cluster-identifier ${identifier} --enable-iam-database-authentication --apply-immediately`,
    },
    {
      condition: `\${can(regex("${RESOURCE_ID_PATTERNS.cluster}", self.cluster_resource_id))}`,
      errorMessage: `The resource id of cluster ${identifier} does not have the form cluster-…, so no policy can name it. Is it an Aurora cluster?`,
    },
  ];
}

/** What must hold for an instance that was looked up. The provider does not say whether IAM authentication is on. */
export function instanceConditions(identifier: string): Postcondition[] {
  return [
    {
      condition: '${self.engine == "postgres"}',
      errorMessage: `Instance ${identifier} is not RDS for PostgreSQL. Of an Aurora cluster, name the cluster: existingCluster(…).`,
    },
    {
      condition: `\${can(regex("${RESOURCE_ID_PATTERNS.instance}", self.resource_id))}`,
      errorMessage: `The resource id of instance ${identifier} does not have the form db-…, so no policy can name it.`,
    },
  ];
}

/** A target as policies name it: partition, region and account come from its ARN. */
export function databaseTarget(arn: string, resourceId: string): DatabaseTarget {
  const part = (index: number) => flat(arnPart(arn, index));
  return { partition: part(1), region: part(3), account: part(4), resourceId: flat(resourceId) };
}

/** One of the parts between the colons of an ARN that Terraform knows later. */
export function arnPart(arn: string, index: number): string {
  return Fn.element(Fn.split(':', arn), index) as string;
}

/**
 * The same expression as one token. CDKTF resolves nested ones anew wherever they stand, and every ARN of every
 * policy has four of them: that was a quarter of the time of a large environment.
 */
function flat(expression: string): string {
  if (!Token.isUnresolved(expression)) return expression;
  const prepared = new Set<TerraformStack>();
  const texts = new Map<TerraformStack, string>();
  return Lazy.stringValue({
    produce: ({ scope, preparing }) => {
      const stack = TerraformStack.of(scope);
      // Preparing, CDKTF notices what belongs to another stack, where it reads otherwise. It throws the text away.
      if (preparing) {
        if (prepared.has(stack)) return '';
        prepared.add(stack);
        texts.delete(stack);
        return expression;
      }
      const known = texts.get(stack);
      if (known !== undefined) return known;
      const resolver = new DefaultTokenResolver(new StringConcat());
      const text: string = Tokenization.resolve(expression, { scope: stack, preparing, resolver });
      texts.set(stack, text);
      return text;
    },
  });
}

function lookUpMainCluster(scope: Construct, cluster: Cluster, options: LookUpOptions): MainLookUp {
  const data = lookUpCluster(scope, LOOK_UPS.cluster, {
    identifier: cluster.identifier,
    postconditions: masterConditions(cluster, 'cluster', options),
  });
  outputs(scope, {
    [OUTPUTS.clusterArn]: data.arn,
    [OUTPUTS.clusterResourceId]: data.clusterResourceId,
    [OUTPUTS.endpoint]: data.endpoint,
    [OUTPUTS.readerEndpoint]: data.readerEndpoint,
    [OUTPUTS.port]: data.port,
  });
  return {
    ...databaseTarget(data.arn, data.clusterResourceId),
    arn: data.arn,
    endpoint: data.endpoint,
    port: data.port,
    masterUsername: data.masterUsername,
    masterSecretArn: data.masterUserSecret.get(0).secretArn,
  };
}

function lookUpInstance(scope: Construct, instance: Cluster, options: LookUpOptions): MainLookUp {
  const { identifier } = instance;
  const data = new DataAwsDbInstance(scope, LOOK_UPS.instance, {
    dbInstanceIdentifier: identifier,
    lifecycle: {
      postcondition: [...instanceConditions(identifier), ...masterConditions(instance, 'instance', options)],
    },
  });
  outputs(scope, {
    [OUTPUTS.instanceArn]: data.dbInstanceArn,
    [OUTPUTS.instanceResourceId]: data.resourceId,
    [OUTPUTS.endpoint]: data.address,
    [OUTPUTS.port]: data.port,
  });
  return {
    ...databaseTarget(data.dbInstanceArn, data.resourceId),
    arn: data.dbInstanceArn,
    endpoint: data.address,
    port: data.port,
    masterUsername: data.masterUsername,
    masterSecretArn: data.masterUserSecret.get(0).secretArn,
  };
}

function masterConditions(
  cluster: Cluster,
  kind: 'cluster' | 'instance',
  options: LookUpOptions,
): Postcondition[] {
  const { identifier } = cluster;
  const name = masterCondition(
    identifier,
    masterUsernameOf(cluster),
    kind,
    'cluster.masterUsername of the environment',
  );
  // The provider says null where there is none.
  const secret: Postcondition = {
    condition: '${try(length(self.master_user_secret), 0) == 1}',
    errorMessage:
      `RDS keeps no password of the master of ${kind} ${identifier}. If the master has one, say where it is: ` +
      `admin: secret('<arn>') or admin: environmentPassword() in the environment, or let RDS manage it: aws rds ` +
      `modify-db-${kind} --db-${kind}-identifier ${identifier} --manage-master-user-password. If the master logs in by IAM, ` +
      `write masterUserAuthenticationType: 'iam-db-auth' in cluster.`,
  };
  const noSecret: Postcondition = {
    condition: '${try(length(self.master_user_secret), 0) == 0}',
    errorMessage:
      `RDS manages a password of the master of ${kind} ${identifier}, so the master does not log in by IAM. ` +
      `Take masterUserAuthenticationType out of cluster in the environment.`,
  };
  if (masterLogsInByIam(cluster)) return [name, noSecret];
  return options.masterSecretNeeded ? [name, secret] : [name];
}

/** That the master is called so. @param field where the name was written, in words */
export function masterCondition(
  identifier: string,
  masterUsername: string,
  kind: 'cluster' | 'instance',
  field: string,
): Postcondition {
  const master = terraformText(masterUsername);
  return {
    condition: `\${self.master_username == "${master}"}`,
    errorMessage: `The master of ${kind} ${identifier} is not ${master}. Set ${field} to its true name: no group or login may be called so.`,
  };
}

function outputs(scope: Construct, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) new TerraformOutput(scope, name, { value });
}
