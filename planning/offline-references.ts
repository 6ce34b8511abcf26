import type { Block } from './stand-ins';

// The texts of a synthesized stack: what refers to a look-up, and what is put in its place.

export type Blocks = Record<string, Record<string, Block>>;

export function blocksOf(value: unknown): Blocks {
  return (value ?? {}) as Blocks;
}

/** Postconditions of a look-up, with the place of the look-up in the place of `self`. */
export function conditionsOf(address: string, block: Block): Block[] {
  const { precondition, postcondition } = (block['lifecycle'] ?? {}) as Block;
  return [precondition ?? [], postcondition ?? []].flat().map((given) => {
    const { condition, error_message: errorMessage } = given as Record<string, string>;
    return {
      condition: condition?.replace(/(?<![\w.-])self(?=[.[])/g, () => address),
      error_message: errorMessage?.replace(/(?<![\w.-])self(?=[.[])/g, () => address),
    };
  });
}

export function reference(address: string): RegExp {
  return new RegExp(`(?<![\\w.-])${address.replace(/[.\\]/g, '\\$&')}(?![\\w-])`, 'g');
}

export function localOf(address: string): string {
  return `offline_${address.replace(/[^\w]/g, '_')}`;
}

/** Every reference to a look-up leads to its local; whatever only waits for one waits no more. */
export function rewrite(value: unknown, addresses: readonly string[]): unknown {
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
