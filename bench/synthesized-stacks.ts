import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** A stack as it was synthesized. */
export interface SynthesizedStack {
  readonly name: string;
  /** Names of the stacks that are deployed before it. */
  readonly dependencies: readonly string[];
  /** What `cdk.tf.json` holds. */
  readonly json: JsonObject;
  /** Text of the other files in its folder, by name. */
  readonly files: Readonly<Record<string, string>>;
}

const TERRAFORM_FILE = 'cdk.tf.json';

/** The stacks that a CDKTF program left in `outdir`, in the order of its manifest. */
export function readSynthesizedStacks(outdir: string): SynthesizedStack[] {
  const manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as {
    stacks: Record<string, { workingDirectory: string; dependencies: string[] }>;
  };
  return Object.entries(manifest.stacks).map(([name, { workingDirectory, dependencies }]) => {
    const folder = join(outdir, workingDirectory);
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    return {
      name,
      dependencies,
      json: JSON.parse(read(TERRAFORM_FILE)) as JsonObject,
      files: Object.fromEntries(
        readdirSync(folder)
          .filter((file) => file !== TERRAFORM_FILE)
          .map((file) => [file, read(file)]),
      ),
    };
  });
}

/**
 * Where two values of JSON differ first, as a path such as `dev-database.json.resource`; `undefined` if nowhere.
 * The order of keys makes no difference, the order of a list does.
 */
export function firstDifference(one: unknown, other: unknown, path: string): string | undefined {
  if (Object.is(one, other)) return undefined;
  if (!isContainer(one) || !isContainer(other) || Array.isArray(one) !== Array.isArray(other)) return path;
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    // An absent key differs from every value, null included.
    const difference = firstDifference(one[key], other[key], `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** As `firstDifference`, for all that two programs synthesized: stacks, their order, dependencies and files. */
export function firstDifferenceOfStacks(
  one: readonly SynthesizedStack[],
  other: readonly SynthesizedStack[],
): string | undefined {
  const byName = (stacks: readonly SynthesizedStack[]) =>
    Object.fromEntries(stacks.map(({ name, ...stack }) => [name, stack]));
  return firstDifference(byName(one), byName(other), 'stacks');
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
