import type { ReplacedParts } from '../modules/plan/terraform-plan';
import { createdClusters, type Found, foundAt, OfflineError } from './offline-look-ups';
import { offlineProviders, offlineRequirements, onlyNamed } from './offline-providers';
import { type Blocks, blocksOf, conditionsOf, localOf, reference, rewrite } from './offline-references';
import type { Block, SynthesizedStack } from './stand-ins';

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
  /** What of the stack is not in `configuration`, for a review. */
  readonly replaced: ReplacedParts;
}

/** Names of the outputs that carry the conditions of look-ups; they are no outputs of the stack. */
export const CONDITION_OUTPUT = 'offline_condition_';

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
    replaced: replacedParts(stack, lookUps),
  };
}

/** What a plan of creating everything cannot show. */
const BLOCKS_OF_CHANGES: readonly string[] = ['import', 'removed', 'moved', 'check'];

function replacedParts(
  stack: SynthesizedStack & Block,
  lookUps: readonly { readonly address: string; readonly block: Block }[],
): ReplacedParts {
  const { required_providers: required = {}, backend = {}, ...others } = (stack['terraform'] ?? {}) as Block;
  return {
    providers: Object.fromEntries(
      Object.entries(stack.provider ?? {}).map(([name, blocks]) => [name, [blocks].flat()]),
    ),
    required_providers: required as Block,
    backend: backend as Block,
    terraform: others,
    blocks: Object.fromEntries(Object.entries(stack).filter(([key]) => BLOCKS_OF_CHANGES.includes(key))),
    // CDKTF notes under `//` where in the program a block was made.
    lookUps: Object.fromEntries(lookUps.map(({ address, block: { '//': _, ...block } }) => [address, block])),
  };
}

function isAnswered(type: string): boolean {
  if (ANSWERED_BY_PROVIDER.includes(type)) return true;
  // Those of other providers are theirs to answer: `tls`, `archive`, `random` need nothing but themselves.
  return !/^(aws|postgresql)_/.test(type) && type !== 'terraform_remote_state';
}

function withoutEmpty(configuration: Block): Block {
  return Object.fromEntries(
    Object.entries(configuration).filter(
      ([key, value]) =>
        key !== '//' && !(typeof value === 'object' && value && Object.keys(value).length === 0),
    ),
  );
}
