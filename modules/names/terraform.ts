import { createHash } from 'node:crypto';
import { aroundReferences } from './later';

/**
 * The id of a construct, and so the address of its resource: an injective function of `kind` and `parts`.
 * Parts of letters, digits and _ stand as they are, joined by -. Any other character becomes _ and a hash of
 * all parts is added, because CDKTF drops such characters and would make one resource of `a b` and `ab`.
 * A `kind` always has the same number of parts, which keeps a hash from being taken for a part.
 */
export function address(kind: string, ...parts: string[]): string {
  const plain = parts.map((part) => part.replace(/[^A-Za-z0-9_]/gu, '_'));
  const id = [kind, ...plain].join('-');
  if (plain.every((part, index) => part === parts[index])) return id;
  return `${id}-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8)}`;
}

/** The ids of the look-ups, and so the last part of their addresses. @param key of a target */
export const LOOK_UPS = {
  cluster: 'cluster',
  instance: 'instance',
  member: (key: string) => address('member', key),
  proxy: (key: string) => address('proxy', key),
} as const;

/** The only way of a name into Terraform: `${` and `%{` are code there.
 *  https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences */
export function terraformText(text: string): string {
  return text.replace(/[$%](?=\{)/g, '$&$&');
}

/** As `terraformText`, with references in it that are for Terraform to read. */
export function terraformTextWithReferences(text: string): string {
  return aroundReferences(text, terraformText);
}

/** Tags, keys and values. */
export function terraformTexts(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, value]) => [terraformText(key), terraformText(value)]),
  );
}

/** The synthesized stack, in its folder. */
export const STACK_FILE = 'cdk.tf.json';

/** Import blocks that `aurora-iam recover` writes beside it, for one run. */
export const RECOVERY_FILE = 'recover.tf.json';
