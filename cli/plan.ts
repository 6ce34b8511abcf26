import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../clients/error';
import { STACKS, stackName } from '../modules/environment/environment';
import { SYNTH_COMMAND } from '../modules/names/commands';
import type { TerraformPlan } from '../modules/plan/terraform-plan';
import { type Found, OfflineError } from '../planning/offline-look-ups';
import { offlinePlan } from '../planning/offline-plan';
import { twoAtATime } from '../planning/two-at-a-time';
import { done, EXIT, type Outcome } from './outcome';

export interface PlanOptions {
  /** An environment: its stacks. */
  readonly env?: string;
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
 *  @param given stacks, and environments for all stacks of theirs. None: all
 *  @throws UserError */
export async function plan(
  given: readonly string[],
  options: PlanOptions,
  say: (line: string) => void,
): Promise<Outcome> {
  const folder = join(options.synthesized, 'stacks');
  if (!existsSync(folder))
    throw new UserError(`There are no stacks in ${options.synthesized}. Run ${SYNTH_COMMAND} first.`);
  const known = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'cdk.tf.json')));
  const stacks = stacksNamed(known, given, options);
  // Terraform's own folders go, too: the exit is what removes them.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(EXIT.failed));
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
      if (error instanceof OfflineError)
        throw new UserError(`${name} cannot be planned. ${error.message}${withVersion(error)}`);
      throw error;
    }
  });
  return done('');
}

function withVersion({ otherVersion: other }: OfflineError): string {
  return other === undefined ? '' : ` To plan with it: --provider-version ${other.provider}=${other.version}`;
}

/** @throws UserError for what is not there */
function stacksNamed(known: readonly string[], given: readonly string[], options: PlanOptions): string[] {
  const ofEnvironment = (name: string) =>
    STACKS.map((stack) => stackName({ name }, stack)).filter((stack) => known.includes(stack));
  const { env } = options;
  const own = env === undefined ? known : ofEnvironment(env);
  if (own.length === 0 && env !== undefined)
    throw new UserError(
      `There is no stack of environment ${env} in ${options.synthesized}; there is ${known.join(', ')}.`,
    );
  const all = given.flatMap((name) => {
    const named = own.includes(name) ? [name] : ofEnvironment(name).filter((stack) => own.includes(stack));
    if (named.length > 0) return named;
    throw new UserError(
      known.includes(name) || ofEnvironment(name).length > 0
        ? `${name} does not belong to environment ${env}. Leave --env out, or ${name}.`
        : `There is no stack ${name} in ${options.synthesized}; there is ${known.join(', ')}.`,
    );
  });
  return [...new Set(all.length > 0 || env === undefined ? all : own)];
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
