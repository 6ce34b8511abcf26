import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../clients/error';
import { SYNTH_COMMAND } from '../modules/names/commands';
import type { TerraformPlan } from '../modules/plan/terraform-plan';
import { type Found, OfflineError } from '../planning/offline-look-ups';
import { offlinePlan } from '../planning/offline-plan';
import { twoAtATime } from '../planning/two-at-a-time';
import { done, type Outcome } from './outcome';

export interface PlanOptions {
  /** What `cdktf synth` wrote. */
  readonly synthesized: string;
  /** Folder for `<stack>.plan.json`. */
  readonly out: string;
  /** JSON file: what look-ups find, by address. */
  readonly found?: string;
  /** `aws=5.100.0` */
  readonly providerVersion?: readonly string[];
}

/** Plans synthesized stacks as if nothing existed, without credentials, AWS or a database.
 *  @param stacks none: all
 *  @throws UserError */
export async function plan(
  stacks: readonly string[],
  options: PlanOptions,
  say: (line: string) => void,
): Promise<Outcome> {
  const folder = join(options.synthesized, 'stacks');
  if (!existsSync(folder))
    throw new UserError(`There are no stacks in ${options.synthesized}. Run ${SYNTH_COMMAND} first.`);
  const known = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'cdk.tf.json')));
  for (const name of stacks)
    if (!known.includes(name))
      throw new UserError(
        `There is no stack ${name} in ${options.synthesized}; there is ${known.join(', ')}.`,
      );
  const providerVersions = versionsOf(options.providerVersion ?? []);
  const found = options.found === undefined ? {} : readFound(options.found);
  mkdirSync(options.out, { recursive: true });
  await twoAtATime([...(stacks.length > 0 ? stacks : known)].sort(), async (name) => {
    const file = join(options.out, `${name}.plan.json`);
    try {
      const made = await offlinePlan(join(folder, name), {
        providerVersions,
        found: foundIn(folder, name, found),
        knownClusters: true,
      });
      writeFileSync(file, JSON.stringify(made));
      say(`${name}: ${counted(made)}, see ${file}`);
    } catch (error) {
      if (error instanceof OfflineError) throw new UserError(`${name} cannot be planned. ${error.message}`);
      throw error;
    }
  });
  return done('');
}

/** Of what is supplied for all stacks, the look-ups of this one. */
function foundIn(folder: string, name: string, found: Found): Found {
  const { data = {}, ephemeral = {} } = JSON.parse(readFileSync(join(folder, name, 'cdk.tf.json'), 'utf8'));
  const blocks = { data, ephemeral } as Record<string, Record<string, Record<string, unknown>>>;
  return Object.fromEntries(
    Object.entries(found).filter(([address]) => {
      const [mode = '', type = '', id = ''] = address.split('.');
      return blocks[mode]?.[type]?.[id] !== undefined;
    }),
  );
}

function counted({ resource_changes: changes = [] }: TerraformPlan): string {
  const count = (pick: (change: (typeof changes)[number]) => boolean) => changes.filter(pick).length;
  const imports = count(({ change }) => change.importing !== undefined);
  const creates = count(({ change }) => change.importing === undefined && change.actions.includes('create'));
  return `${creates} to create${imports > 0 ? `, ${imports} to import` : ''}`;
}

function versionsOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((each) => {
      const [, name, version] = /^([a-z]+)=(.+)$/.exec(each) ?? [];
      if (name === undefined || version === undefined)
        throw new UserError(`"${each}" is not a version of a provider; write aws=5.100.0.`);
      return [name, version];
    }),
  );
}

function readFound(file: string): Found {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Found;
  } catch (error) {
    throw new UserError(`${file} cannot be read as JSON: ${(error as Error).message}`);
  }
}
