import { NO_SECRET } from '../modules/plan/secrets';
import { type Block, blockAt, proxyArn, type SynthesizedStack, target } from './stand-ins';

/** Attributes by address (`data.aws_rds_cluster.cluster`, `ephemeral.aws_secretsmanager_secret_version.admin`). */
export type Found = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface OfflineOptions {
  /** What look-ups find, by address; beside it, or over it, clusters, instances and proxies have stand-ins. */
  readonly found?: Found;
  /** Terraform version constraints by provider (`aws`), in the place of those of the stack. */
  readonly providerVersions?: Readonly<Record<string, string>>;
  /**
   * Policies that name a cluster or instance which the stack itself creates name a stand-in, so that they can be read. A
   * plan against AWS knows them after the apply only. @default false
   */
  readonly knownClusters?: boolean;
}

export interface OfflineConfiguration {
  /** What Terraform reads in the place of the stack's `cdk.tf.json`. */
  readonly configuration: Block;
  /** Addresses with an import block: what is there already is not known here. */
  readonly imported: readonly string[];
}

/** What a stack has that cannot be planned without AWS or a database. The message says the way out. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError';
}

/** Names of the outputs that carry the conditions of look-ups; they are no outputs of the stack. */
export const CONDITION_OUTPUT = 'offline_condition_';

type Blocks = Record<string, Record<string, Block>>;

/** Data sources that the AWS provider answers from its own configuration. */
const ANSWERED_BY_PROVIDER = [
  'aws_iam_policy_document',
  'aws_partition',
  'aws_region',
  'aws_default_tags',
  'aws_service_principal',
];

/**
 * A stack with everything taken out that Terraform would ask AWS or a database for: a plan of it is a plan of creating all of
 * it. The look-ups become locals: what `found` supplies, and for clusters, instances and proxies a stand-in that is as
 * the stack wants it. Their postconditions are still checked. Pure.
 * @throws OfflineError for a look-up that is used and that nobody supplies
 */
export function offlineConfiguration(
  stack: SynthesizedStack & Block,
  { found = {}, providerVersions = {}, knownClusters = false }: OfflineOptions = {},
): OfflineConfiguration {
  const clusters = knownClusters ? createdClusters(stack) : { stack, locals: {} };
  const { ephemeral, import: imports, ...kept } = clusters.stack;
  const data = blocksOf(stack.data);
  const provider = offlineProviders(stack);
  const answered: Blocks = {};
  const lookUps: { readonly address: string; readonly block: Block }[] = [];
  for (const [type, blocks] of Object.entries(data))
    for (const [name, block] of Object.entries(blocks))
      if (isAnswered(type)) answered[type] = { ...answered[type], [name]: block };
      else lookUps.push({ address: `data.${type}.${name}`, block });
  for (const [type, blocks] of Object.entries(blocksOf(ephemeral)))
    for (const [name, block] of Object.entries(blocks))
      lookUps.push({ address: `ephemeral.${type}.${name}`, block });

  const withProviders = { ...kept, data: answered, provider };
  const conditions = lookUps.flatMap(({ address, block }) => conditionsOf(address, block));
  const used = JSON.stringify([withProviders, conditions]);
  const locals: Record<string, unknown> = { ...clusters.locals };
  for (const { address } of lookUps)
    if (reference(address).test(used)) locals[localOf(address)] = foundAt(stack, address, found);
  for (const address of Object.keys(found))
    if (!lookUps.some((each) => each.address === address))
      throw new OfflineError(
        `${address} is supplied, and the stack has no such look-up; it has ${lookUps.map((each) => each.address).join(', ') || 'none'}.`,
      );
  const rewritten = rewrite(
    { ...withProviders, conditions },
    lookUps.map(({ address }) => address),
  ) as typeof withProviders & { readonly conditions: readonly Block[] };
  const { conditions: checks, terraform, output, ...rest } = rewritten as typeof rewritten & Block;
  const required = offlineRequirements(terraform as Block, rest, providerVersions);
  return {
    configuration: withoutEmpty({
      ...rest,
      provider: onlyNamed(rest.provider, required),
      terraform: {
        ...(terraform as Block),
        backend: undefined,
        cloud: undefined,
        required_providers: required,
      },
      locals: { ...(rest['locals'] as Block | undefined), ...locals },
      output: {
        ...(output as Block | undefined),
        ...Object.fromEntries(
          (checks as readonly Block[]).map((check, index) => [
            `${CONDITION_OUTPUT}${index}`,
            { value: true, precondition: [check] },
          ]),
        ),
      },
    }),
    imported: [imports ?? []].flat().map((block) => String((block as Block)['to'])),
  };
}

/** The stack, with stand-ins for its own clusters and instances wherever IAM and outputs name them. */
function createdClusters(stack: SynthesizedStack & Block): {
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

function isAnswered(type: string): boolean {
  if (ANSWERED_BY_PROVIDER.includes(type)) return true;
  // Those of other providers are theirs to answer: `tls`, `archive`, `random` need nothing but themselves.
  return !/^(aws|postgresql)_/.test(type) && type !== 'terraform_remote_state';
}

function blocksOf(value: unknown): Blocks {
  return (value ?? {}) as Blocks;
}

/** With keys that nobody has handed out, and without anything that asks who they belong to. */
function offlineProviders(stack: SynthesizedStack): Record<string, readonly Block[]> {
  const providers: Record<string, readonly Block[]> = {};
  for (const [name, blocks] of Object.entries(stack.provider ?? {}))
    providers[name] = ([blocks].flat() as Block[]).map((block) => {
      const { alias, region, default_tags: defaultTags, ...others } = block;
      const given = alias === undefined ? {} : { alias };
      if (name === 'aws')
        return {
          ...given,
          region: region ?? 'eu-west-1',
          ...(defaultTags === undefined ? {} : { default_tags: defaultTags }),
          access_key: NO_SECRET,
          secret_key: NO_SECRET,
          skip_credentials_validation: true,
          skip_metadata_api_check: 'true',
          skip_requesting_account_id: true,
          max_retries: 1,
        };
      // Should anything connect all the same, there is nobody at this port.
      if (name === 'postgresql')
        return {
          ...given,
          host: '127.0.0.1',
          port: 1,
          username: 'offline',
          password: NO_SECRET,
          superuser: false,
        };
      return { ...given, ...others, ...(region === undefined ? {} : { region }) };
    });
  return providers;
}

/** Postconditions of a look-up, with the place of the look-up in the place of `self`. */
function conditionsOf(address: string, block: Block): Block[] {
  const { precondition, postcondition } = (block['lifecycle'] ?? {}) as Block;
  return [precondition ?? [], postcondition ?? []].flat().map((given) => {
    const { condition, error_message: errorMessage } = given as Record<string, string>;
    return {
      condition: condition?.replace(/(?<![\w.-])self(?=[.[])/g, () => address),
      error_message: errorMessage?.replace(/(?<![\w.-])self(?=[.[])/g, () => address),
    };
  });
}

function reference(address: string): RegExp {
  return new RegExp(`(?<![\\w.-])${address.replace(/[.\\]/g, '\\$&')}(?![\\w-])`, 'g');
}

function localOf(address: string): string {
  return `offline_${address.replace(/[^\w]/g, '_')}`;
}

/** Every reference to a look-up leads to its local; whatever only waits for one waits no more. */
function rewrite(value: unknown, addresses: readonly string[]): unknown {
  if (typeof value === 'string')
    return value.includes('${')
      ? addresses.reduce(
          (text, address) => text.replace(reference(address), () => `local.${localOf(address)}`),
          value,
        )
      : value;
  if (Array.isArray(value)) return value.map((each) => rewrite(each, addresses));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'depends_on' && Array.isArray(each)
        ? each.filter((dependency) => !addresses.includes(dependency))
        : rewrite(each, addresses),
    ]),
  );
}

function foundAt(stack: SynthesizedStack, address: string, found: Found): Block {
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
  const identifier = lookUp?.arn.split(':')[6] ?? name;
  const resourceId = readableId(itsId, identifier);
  const wanted = wantedOf(blockAt(stack, path));
  const host = `${identifier}.cluster-offline.${region}.rds.amazonaws.com`;
  const managedSecret = {
    master_username: 'postgres',
    master_user_secret: [
      { secret_arn: `arn:${partition}:secretsmanager:${region}:${account}:secret:offline` },
    ],
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
      return { arn: proxyArn({ partition, region, account, resourceId }), auth: [], ...wanted };
    case 'aws_caller_identity':
      return {
        account_id: account,
        id: account,
        arn: `arn:${partition}:iam::${account}:root`,
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

/** What its conditions say an attribute must equal: `${self.master_username == "postgres"}`. */
function wantedOf(block: Block | undefined): Block {
  const { postcondition = [] } = (block?.['lifecycle'] ?? {}) as Block;
  return Object.fromEntries(
    [postcondition].flat().flatMap((given) => {
      const [, attribute = '', value = ''] =
        /^\$\{self\.(\w+) == ("(?:[^"\\]|\\.)*")\}$/.exec(String((given as Block)['condition'])) ?? [];
      return value === '' ? [] : [[attribute, JSON.parse(value)]];
    }),
  );
}

/** Only providers that something still needs: to start one that nobody asks is most of the time of a plan. */
function offlineRequirements(
  terraform: Block,
  configuration: Block,
  versions: Readonly<Record<string, string>>,
): Record<string, Block> {
  const blocks = [
    ...Object.entries(blocksOf(configuration['resource'])),
    ...Object.entries(blocksOf(configuration['data'])),
  ];
  const named = new Set(
    blocks.flatMap(([type, ofType]) => [
      type.split('_')[0],
      ...Object.values(ofType).map((block) => String(block['provider'] ?? '').split('.')[0]),
    ]),
  );
  const modules = Object.keys(blocksOf(configuration['module'])).length > 0;
  const required = Object.entries((terraform['required_providers'] ?? {}) as Blocks) as unknown as [
    string,
    Block,
  ][];
  return Object.fromEntries(
    required
      .filter(([name]) => modules || named.has(name))
      .map(([name, given]) => [
        name,
        versions[name] === undefined ? given : { ...given, version: versions[name] },
      ]),
  );
}

function onlyNamed(
  providers: Record<string, readonly Block[]>,
  required: Record<string, Block>,
): Record<string, readonly Block[]> {
  return Object.fromEntries(Object.entries(providers).filter(([name]) => Object.hasOwn(required, name)));
}

function withoutEmpty(configuration: Block): Block {
  return Object.fromEntries(
    Object.entries(configuration).filter(
      ([key, value]) =>
        key !== '//' && !(typeof value === 'object' && value && Object.keys(value).length === 0),
    ),
  );
}
