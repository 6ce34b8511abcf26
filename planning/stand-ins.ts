import { createHash } from 'node:crypto';
import { DESCRIBE } from '../modules/iam/actions';
import { type DatabaseTarget, partitionOf, rdsArn } from '../modules/names/arn';
import type { Place } from '../modules/names/place';

export type Block = Readonly<Record<string, unknown>>;

/** The parts of a `cdk.tf.json` that policies depend on. */
export interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly provider?: Readonly<Record<string, Block | readonly Block[]>>;
  readonly variable?: Readonly<Record<string, Block>>;
  readonly locals?: Block;
  readonly module?: Readonly<Record<string, Block>>;
  readonly output?: Readonly<Record<string, Block>>;
}

/** Something that a login can connect to, with stand-ins for what Terraform resolves later. */
export interface StandInTarget extends DatabaseTarget {
  /** `data.aws_rds_cluster.cluster`, or how the documents write it if the id stands there literally. */
  readonly address: string;
  /** Of a cluster or instance: what `rds:DescribeDBClusters` or `rds:DescribeDBInstances` is allowed on. */
  readonly lookUp?: { readonly action: string; readonly arn: string };
  /** Whether a provider block says them; otherwise they are stand-ins. */
  readonly known: { readonly region: boolean; readonly account: boolean };
}

/** Where no provider block says: the account that AWS's own examples use, and a region. */
export const STAND_IN_ACCOUNT = '123456789012';
export const STAND_IN_REGION = 'eu-west-1';

/** Attributes that hold the name of a target; of data sources and of resources. */
export const TARGET_TYPES: Readonly<Record<string, readonly string[]>> = {
  aws_rds_cluster: ['cluster_identifier'],
  aws_db_instance: ['db_instance_identifier', 'identifier'],
  aws_db_proxy: ['name'],
};

/** @returns every cluster, instance and proxy that the stack looks up or creates */
export function targetsIn(stack: SynthesizedStack): StandInTarget[] {
  return Object.keys(TARGET_TYPES).flatMap((type) => [
    ...Object.keys(stack.data?.[type] ?? {}).map((id) => target(stack, ['data', type, id])),
    ...Object.keys(stack.resource?.[type] ?? {}).map((id) => target(stack, [type, id])),
  ]);
}

export function proxyArn({ resourceId, ...place }: DatabaseTarget): string {
  return rdsArn(place, 'db-proxy', resourceId);
}

/** The target at an address such as `['data', 'aws_rds_cluster', 'cluster']`. */
export function target(stack: SynthesizedStack, address: readonly string[]): StandInTarget {
  const [type = '', id = ''] = address.slice(-2);
  const block = blockAt(stack, address);
  const { account, region, partition, known } = home(stack, block);
  const written = TARGET_TYPES[type]?.map((attribute) => block?.[attribute]).find(isLiteral);
  const identifier = written ?? id;
  // Two blocks that name the same cluster are one target; without a name, each is another one.
  const same = JSON.stringify(written === undefined ? address : [type, written, region, account]);
  const digits = createHash('sha256').update(same).digest('hex').toUpperCase();
  const where = { address: address.join('.'), partition, region, account, known };
  const arn = (kind: 'cluster' | 'db') => rdsArn({ partition, region, account }, kind, identifier);
  switch (type) {
    case 'aws_db_proxy':
      return { ...where, resourceId: `prx-${digits.slice(0, 17).toLowerCase()}` };
    case 'aws_db_instance':
      return {
        ...where,
        resourceId: `db-${digits.slice(0, 26)}`,
        lookUp: { action: DESCRIBE.instance, arn: arn('db') },
      };
    default:
      return {
        ...where,
        resourceId: `cluster-${digits.slice(0, 26)}`,
        lookUp: { action: DESCRIBE.cluster, arn: arn('cluster') },
      };
  }
}

export function blockAt(stack: SynthesizedStack, address: readonly string[]): Block | undefined {
  const [type = '', id = ''] = address.slice(-2);
  return (address[0] === 'data' ? stack.data : stack.resource)?.[type]?.[id];
}

/** Account, region and partition of the AWS provider that a block uses. */
export function home(stack: SynthesizedStack, block?: Block): Place & Pick<StandInTarget, 'known'> {
  const alias = String(block?.['provider'] ?? '').match(/\baws\.([\w-]+)/)?.[1];
  const providers = [stack.provider?.['aws'] ?? []].flat() as Block[];
  const provider = providers.find((each) => each['alias'] === alias);
  const accounts = provider?.['allowed_account_ids'];
  // Of several allowed accounts it may be any.
  const account = Array.isArray(accounts) && accounts.length === 1 ? accounts.find(isLiteral) : undefined;
  const written = provider?.['region'];
  const region = isLiteral(written) ? written : STAND_IN_REGION;
  return {
    account: account ?? STAND_IN_ACCOUNT,
    region,
    partition: partitionOf(region),
    known: { account: account !== undefined, region: isLiteral(written) },
  };
}

/** Whether it is a text without expressions. */
export function isLiteral(value: unknown): value is string {
  return typeof value === 'string' && !/[$%]\{/.test(value);
}
