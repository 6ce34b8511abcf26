import { iamArn, rdsParts, rootArn, secretArn } from '../modules/names/arn';
import { NO_SECRET } from '../modules/plan/secrets';
import { localOf } from './offline-references';
import { type Block, blockAt, proxyArn, type SynthesizedStack, target } from './stand-ins';

/** Attributes by address (`data.aws_rds_cluster.cluster`, `ephemeral.aws_secretsmanager_secret_version.admin`). */
export type Found = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a stack has that cannot be planned without AWS or a database. The message says the way out. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError';

  /** @param otherVersion of a provider (`aws`) that is at hand, where the stack requires one that is not */
  constructor(
    message: string,
    readonly otherVersion?: { readonly provider: string; readonly version: string },
  ) {
    super(message);
  }
}

/** What a look-up finds here. @throws OfflineError where nobody supplies it */
export function foundAt(stack: SynthesizedStack, address: string, found: Found): Block {
  const standIn = standInFor(stack, address);
  const supplied = found[address];
  if (standIn === undefined && supplied === undefined)
    throw new OfflineError(
      `${address} would be read, and nothing is asked here. Supply what it finds: found: { '${address}': { … } }.`,
    );
  return { ...standIn, ...supplied };
}

/** A cluster, instance, proxy, secret or caller that the stack would go on with. */
function standInFor(stack: SynthesizedStack, address: string): Block | undefined {
  const [mode = '', type = '', name = ''] = address.split('.');
  const path = [mode, type, name];
  const secret = `${NO_SECRET}:${name}`;
  if (type === 'aws_secretsmanager_secret_version')
    return { secret_string: JSON.stringify({ username: secret, password: secret }) };
  const { account, partition, region, resourceId: itsId, lookUp } = target(stack, path);
  const identifier = rdsParts(lookUp?.arn ?? '')?.name ?? name;
  const resourceId = readableId(itsId, identifier);
  const wanted = wantedOf(blockAt(stack, path));
  const host = `${identifier}.cluster-offline.${region}.rds.amazonaws.com`;
  const managedSecret = {
    master_username: 'postgres',
    master_user_secret: [{ secret_arn: secretArn({ partition, region, account }, 'offline') }],
    port: 5432,
  };
  switch (type) {
    case 'aws_rds_cluster':
      return {
        arn: lookUp?.arn,
        cluster_resource_id: resourceId,
        endpoint: host,
        reader_endpoint: host.replace('.cluster-', '.cluster-ro-'),
        iam_database_authentication_enabled: true,
        ...managedSecret,
        ...wanted,
      };
    case 'aws_db_instance':
      return {
        arn: lookUp?.arn,
        db_instance_arn: lookUp?.arn,
        resource_id: resourceId,
        address: host,
        ...managedSecret,
        ...wanted,
      };
    case 'aws_db_proxy':
      return {
        arn: proxyArn({ partition, region, account, resourceId }),
        auth: [],
        role_arn: iamArn({ partition, account }, 'role', roleWanted(blockAt(stack, path)) ?? 'offline'),
        ...wanted,
      };
    case 'aws_caller_identity':
      return {
        account_id: account,
        id: account,
        arn: rootArn({ partition, account }),
        user_id: account,
      };
    default:
      return undefined;
  }
}

/** Of the form that AWS gives, and with the name in it, for whoever reads the plan: `cluster-OFFLINEORDERSDEV5E6403`. */
function readableId(resourceId: string, identifier: string): string {
  const [prefix = '', digits = ''] = resourceId.split('-');
  return `${prefix}-OFFLINE${identifier.toUpperCase().replace(/[^A-Z0-9]/g, '')}${digits.slice(0, 6).toUpperCase()}`;
}

/** What its conditions say an attribute must equal: `${self.master_username == "postgres"}`, or be empty:
 *  `${try(length(self.master_user_secret), 0) == 0}`. */
function wantedOf(block: Block | undefined): Block {
  const { postcondition = [] } = (block?.['lifecycle'] ?? {}) as Block;
  return Object.fromEntries(
    [postcondition].flat().flatMap((given) => {
      const condition = String((given as Block)['condition']);
      const [, empty] = /^\$\{try\(length\(self\.(\w+)\), 0\) == 0\}$/.exec(condition) ?? [];
      if (empty !== undefined) return [[empty, []]];
      const [, attribute = '', value = ''] =
        /^\$\{self\.(\w+) == ("(?:[^"\\]|\\.)*")\}$/.exec(condition) ?? [];
      return value === '' ? [] : [[attribute, JSON.parse(value)]];
    }),
  );
}

/** The name that the condition on a proxy's role wants: `${endswith(self.role_arn, "/shop-proxy")}`. */
function roleWanted(block: Block | undefined): string | undefined {
  return /endswith\(self\.role_arn, \\?"\/([^"\\]+)\\?"\)/.exec(
    JSON.stringify(block?.['lifecycle'] ?? {}),
  )?.[1];
}

/** The stack, with stand-ins for its own clusters and instances wherever IAM and outputs name them. */
export function createdClusters(stack: SynthesizedStack & Block): {
  readonly stack: SynthesizedStack & Block;
  readonly locals: Record<string, Block>;
} {
  const locals: Record<string, Block> = {};
  const named =
    /(?<![\w.-])(aws_rds_cluster|aws_db_instance)\.([\w-]+)\.(arn|cluster_resource_id|resource_id)(?![\w-])/g;
  const rewriteText = (text: string) =>
    text.replace(named, (whole, type: string, name: string, attribute: string) => {
      if (!stack.resource?.[type]?.[name]) return whole;
      const address = `resource.${type}.${name}`;
      locals[localOf(address)] = { ...standInFor(stack, address) };
      return `local.${localOf(address)}.${attribute}`;
    });
  const rewritten = (part: unknown) =>
    part === undefined ? {} : JSON.parse(rewriteText(JSON.stringify(part)));
  const resource = Object.fromEntries(
    Object.entries(stack.resource ?? {}).map(([type, blocks]) => [
      type,
      type.startsWith('aws_iam_') ? rewritten(blocks) : blocks,
    ]),
  );
  return { stack: { ...stack, resource, output: rewritten(stack.output) }, locals };
}
