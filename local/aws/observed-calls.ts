import { managedSecretKey } from '../../modules/connect/deploying-role/master-secret';
import { evaluate } from '../../modules/iam/evaluator/evaluate';
import type { PolicyDocument } from '../../modules/iam/policy-document';
import { bucketArn, iamArn, rdsArn } from '../../modules/names/arn';
import type { Place } from '../../modules/names/place';
import { type AwsAnswer, type AwsCall, type AwsRequest, elementText, header } from './aws-protocol';

/** What IAM would be asked about one call. */
export interface ObservedCall {
  /** The program's own name for itself: AWS_SDK_UA_APP_ID, which every AWS SDK adds to its User-Agent.
   *  https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html */
  readonly program?: string;
  /** `iam:CreateRole` */
  readonly action: string;
  /** ARNs of what the call names. Empty where it names nothing. */
  readonly resources: readonly string[];
  /** Condition keys of the service. */
  readonly context: Readonly<Record<string, string>>;
}

export interface CallObserver {
  /** In the order of their answers. */
  readonly calls: readonly ObservedCall[];
  observe(request: AwsRequest, call: AwsCall, answer: AwsAnswer): void;
}

/**
 * Writes down who calls what. Roles, users and groups are known by the ARNs that the endpoint gave them when they were
 * created; those made elsewhere are not known.
 */
export function observeCalls(partition: string, account: string): CallObserver {
  const calls: ObservedCall[] = [];
  const seen: Seen = { identities: new Map(), clusters: new Map() };
  return {
    calls,
    observe(request, call, answer) {
      if (answer.status < 300) note(call, answer.body.toString(), seen);
      const program = /(?:^| )app\/(\S+)/.exec(header(request.rawHeaders, 'user-agent') ?? '')?.[1];
      const action = call.service === 's3' ? s3Action(request) : call.action;
      const resources = resourcesOf(request, call, answer, { partition, account, region: call.region }, seen);
      calls.push({
        ...(program === undefined ? {} : { program }),
        action: `${call.service}:${action}`,
        resources,
        context: contextOf(call, resources, seen),
      });
    },
  };
}

/** What answers told, and later calls leave out. */
interface Seen {
  /** `RoleName api` -> its ARN, which has the path. */
  readonly identities: Map<string, string>;
  /** ARN of a secret that RDS keeps -> ARN of its cluster, which RDS tags it with and moto does not. */
  readonly clusters: Map<string, string>;
}

/** Calls that no permission is needed for.
 *  https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const FREE = ['sts:GetCallerIdentity'];

/** The keys that `ObservedCall.context` can have. A call that has none is without them.
 *  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html */
const KEYS = ['iam:PolicyARN', 'iam:PermissionsBoundary', managedSecretKey('cluster')].map((name) => ({
  name,
  worksWith: ['Arn', 'String'] as const,
  inEveryRequest: false,
}));

/** Why each call that the documents do not allow is refused, a line each. */
export function refusedCalls(calls: readonly ObservedCall[], documents: readonly PolicyDocument[]): string[] {
  const identity = documents.map((document, index) => ({
    name: `document ${index + 1}`,
    document: JSON.stringify(document),
  }));
  const refusals = calls
    .filter(({ action }) => !FREE.includes(action))
    // Of a call that names nothing, only the action is judged.
    .flatMap(({ action, resources, context }) =>
      resources.length === 0
        ? allowsSomewhere(documents, action)
          ? []
          : [`no document allows ${action}`]
        : resources.flatMap((resource) => {
            const { allowed, reason } = evaluate({ action, resource, context, keys: KEYS }, { identity });
            return allowed ? [] : [reason];
          }),
    );
  return [...new Set(refusals)];
}

function allowsSomewhere(documents: readonly PolicyDocument[], action: string): boolean {
  return documents
    .flatMap(({ Statement }) => [Statement].flat())
    .some(({ Action = [] }) => [Action].flat().includes(action));
}

const IDENTITY_PARAMETERS = ['InstanceProfileName', 'RoleName', 'UserName', 'GroupName'] as const;

function note({ service, action, parameters }: AwsCall, xml: string, { identities, clusters }: Seen): void {
  const parameter = IDENTITY_PARAMETERS.find((each) => parameters.has(each));
  const arn = elementText(xml, 'Arn');
  if (service === 'iam' && action.startsWith('Create') && parameter && arn)
    identities.set(`${parameter} ${parameters.get(parameter)}`, arn);
  const [secret, cluster] = [elementText(xml, 'SecretArn'), elementText(xml, 'DBClusterArn')];
  // Of several clusters it would not be told which one's it is.
  if (service === 'rds' && secret && cluster && xml.split('<DBClusterArn>').length === 2)
    clusters.set(secret, cluster);
}

function resourcesOf(
  request: AwsRequest,
  call: AwsCall,
  answer: AwsAnswer,
  home: Place,
  { identities }: Seen,
): string[] {
  // A request that could not be read.
  if (answer.status === 400) return [];
  switch (call.service) {
    case 'iam':
      return iamResources(call, home, identities);
    case 'rds':
      return rdsResources(call, home, answer);
    case 'secretsmanager': {
      const { SecretId } = JSON.parse(request.body.toString()) as { SecretId?: string };
      return SecretId === undefined ? [] : [SecretId];
    }
    case 's3':
      return [bucketArn(home, bucketAndKey(request))];
    default:
      return [];
  }
}

function iamResources(
  { action, parameters }: AwsCall,
  home: Place,
  identities: ReadonlyMap<string, string>,
): string[] {
  const policyName = parameters.get('PolicyName');
  if (action === 'CreatePolicy' && policyName)
    return [iamArn(home, 'policy', `${(parameters.get('Path') ?? '/').slice(1)}${policyName}`)];
  const policy = parameters.get('PolicyArn');
  if (policy && !ATTACHMENT.test(action)) return [policy];
  // Of a role and its instance profile, IAM decides on the profile.
  const parameter = IDENTITY_PARAMETERS.find((each) => parameters.has(each));
  const arn = parameter && identities.get(`${parameter} ${parameters.get(parameter)}`);
  return arn ? [arn] : [];
}

const ATTACHMENT = /^(Attach|Detach)/;

function contextOf(
  { service, action, parameters }: AwsCall,
  resources: readonly string[],
  { clusters }: Seen,
): Record<string, string> {
  const policy = ATTACHMENT.test(action) ? parameters.get('PolicyArn') : null;
  const boundary = parameters.get('PermissionsBoundary');
  const cluster = service === 'secretsmanager' ? clusters.get(resources[0] ?? '') : undefined;
  return {
    ...(policy ? { 'iam:PolicyARN': policy } : {}),
    ...(boundary ? { 'iam:PermissionsBoundary': boundary } : {}),
    ...(cluster ? { [managedSecretKey('cluster')]: cluster } : {}),
  };
}

const RDS_PARAMETERS = [
  ['DBClusterIdentifier', 'cluster'],
  ['DBInstanceIdentifier', 'db'],
  ['DBClusterParameterGroupName', 'cluster-pg'],
  ['DBParameterGroupName', 'pg'],
  ['DBSubnetGroupName', 'subgrp'],
  ['FinalDBSnapshotIdentifier', 'cluster-snapshot'],
] as const;

function rdsResources({ action, parameters }: AwsCall, home: Place, answer: AwsAnswer): string[] {
  const named = RDS_PARAMETERS.flatMap(([parameter, type]) => {
    const name = parameters.get(parameter);
    return name ? [rdsArn(home, type, name)] : [];
  });
  const proxy =
    action === 'DescribeDBProxies' ? elementText(answer.body.toString(), 'DBProxyArn') : undefined;
  return [...named, parameters.get('ResourceName'), proxy].filter((arn) => typeof arn === 'string');
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
function s3Action({ method, path }: AwsRequest): string {
  const [, key = ''] = /^\/[^/?]+\/?([^?]*)/.exec(path) ?? [];
  if (key === '') return 'ListBucket';
  return { PUT: 'PutObject', DELETE: 'DeleteObject' }[method] ?? 'GetObject';
}

/** Of a path-style address. */
function bucketAndKey({ path }: AwsRequest): string {
  return decodeURIComponent((path.split('?')[0] ?? '').replace(/^\/|\/$/g, ''));
}
