import { iamArn, rdsParts } from '../modules/names/arn';
import {
  type Block,
  blockAt,
  home,
  proxyArn,
  type SynthesizedStack,
  TARGET_TYPES,
  target,
} from '../planning/stand-ins';
import {
  CannotJudgeError,
  type ResolveReference,
  renderTemplate,
  type TerraformValue,
} from './terraform-expressions';

/** References of one stack, by stand-ins that differ wherever the things differ.
 *  @throws CannotJudgeError where a reference is not to one of the things that policies are made of */
export function referencesOf(stack: SynthesizedStack): ResolveReference {
  // A local may be made of other locals; one that is made of itself would never end.
  const entered = new Set<string>();
  const resolve: ResolveReference = (path) => {
    const name = path.join('.');
    const value = known(path);
    if (value === undefined)
      throw new CannotJudgeError(
        `cannot understand the reference ${name}: only clusters, instances, proxies, IAM identities and policy ` +
          'documents, account, region and partition, locals and variables with a default have a stand-in',
      );
    return value;
  };
  const text = (value: unknown): TerraformValue | undefined =>
    typeof value === 'string' ? renderTemplate(value, resolve) : undefined;
  const known = (path: readonly string[]): TerraformValue | undefined => {
    const [first, second = '', third = ''] = path;
    if (first === 'var' && path.length === 2) return text(stack.variable?.[second]?.['default']);
    if (first === 'local' && path.length === 2) {
      if (entered.has(second)) throw new CannotJudgeError(`the local ${second} is made of itself`);
      entered.add(second);
      try {
        return text(stack.locals?.[second]);
      } finally {
        entered.delete(second);
      }
    }
    const [address, attribute] =
      first === 'data'
        ? [path.slice(0, 3), path.slice(3).join('.')]
        : [path.slice(0, 2), path.slice(2).join('.')];
    const type = (first === 'data' ? second : first) ?? '';
    if (type in TARGET_TYPES) return ofTarget(stack, address, attribute);
    const block = blockAt(stack, address);
    const { account, region, partition } = home(stack, block);
    if (first === 'data')
      switch (`${type}.${attribute}`) {
        case 'aws_caller_identity.account_id':
        case 'aws_caller_identity.id':
          return account;
        case 'aws_region.name':
        case 'aws_region.region':
        case 'aws_region.id':
          return region;
        case 'aws_partition.partition':
        case 'aws_partition.id':
          return partition;
        case 'aws_iam_policy_document.json':
        case 'aws_iam_policy_document.minified_json':
          return (
            block && policyDocument(block, `data.${type}.${third}`, (value) => renderTemplate(value, resolve))
          );
      }
    const identity = /^aws_iam_(role|user|group)$/.exec(type)?.[1];
    if (identity && block) {
      const given = first === 'data' ? (block[`${identity}_name`] ?? block['name']) : block['name'];
      // A name that AWS will make up: the address is unique too.
      const name = text(given) ?? address.join('.');
      if (attribute === 'name' || attribute === 'id' || attribute === `${identity}_name`) return name;
      if (attribute === 'arn')
        return iamArn(
          { partition, account },
          identity as 'role' | 'user' | 'group',
          `${String(text(block['path']) ?? '/').slice(1)}${name}`,
        );
    }
    return undefined;
  };
  return resolve;
}

function ofTarget(
  stack: SynthesizedStack,
  address: readonly string[],
  attribute: string,
): string | undefined {
  const found = target(stack, address);
  const isProxy = address.at(-2) === 'aws_db_proxy';
  const attributes: Record<string, string | undefined> = {
    arn: isProxy ? proxyArn(found) : found.lookUp?.arn,
    ...(address.at(-2) === 'aws_db_instance'
      ? { db_instance_arn: found.lookUp?.arn, resource_id: found.resourceId }
      : {}),
    ...(address.at(-2) === 'aws_rds_cluster'
      ? { cluster_resource_id: found.resourceId, cluster_identifier: rdsParts(found.lookUp?.arn ?? '')?.name }
      : {}),
  };
  return attributes[attribute];
}

/** https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/d/iam_policy_document.html.markdown */
function policyDocument(block: Block, address: string, render: (text: string) => string): string {
  const known = ['//', 'provider', 'version', 'policy_id', 'statement'];
  const statementKnown = [
    'sid',
    'effect',
    'actions',
    'not_actions',
    'resources',
    'not_resources',
    'condition',
  ];
  const only = (given: Block, names: readonly string[]) => {
    const other = Object.keys(given).find((name) => !names.includes(name));
    if (other !== undefined) throw new CannotJudgeError(`cannot judge ${address}: it has ${other}`);
  };
  const texts = (value: unknown): string[] | undefined => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.some((item) => typeof item !== 'string'))
      throw new CannotJudgeError(`cannot judge ${address}: a list in it is not written out`);
    // This data source spells IAM's variables &{…}, as ${…} is Terraform's.
    return value.map((item: string) => render(item).replaceAll('&{', () => '${'));
  };
  const blocks = (value: unknown): Block[] => {
    if (typeof value === 'string') throw new CannotJudgeError(`cannot judge ${address}: it is an expression`);
    return [value ?? []].flat() as Block[];
  };
  only(block, known);
  const statements = blocks(block['statement']).map((statement) => {
    only(statement, statementKnown);
    const condition: Record<string, Record<string, string[]>> = {};
    for (const { test, variable, values } of blocks(statement['condition'])) {
      const operator = render(String(test));
      const keys = condition[operator] ?? {};
      condition[operator] = keys;
      keys[render(String(variable))] = [...(keys[render(String(variable))] ?? []), ...(texts(values) ?? [])];
    }
    return {
      ...(statement['sid'] === undefined ? {} : { Sid: render(String(statement['sid'])) }),
      Effect: render(String(statement['effect'] ?? 'Allow')),
      Action: texts(statement['actions']),
      NotAction: texts(statement['not_actions']),
      Resource: texts(statement['resources']),
      NotResource: texts(statement['not_resources']),
      ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
    };
  });
  return JSON.stringify({ Version: render(String(block['version'] ?? '2012-10-17')), Statement: statements });
}
