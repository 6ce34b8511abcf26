import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../clients/error';
import { diffCommand, SYNTH_COMMAND } from '../modules/names/commands';
import { RECOVERY_FILE, STACK_FILE } from '../modules/names/terraform';
import { StateFormatError, type StateResource, stateResources } from '../modules/plan/terraform-state';
import { readState, StateError } from '../planning/read-state';

export interface StateOptions {
  /** A file with the state, instead of asking the backend: `terraform state pull`, or `terraform show -json`. */
  readonly state?: string;
  /** What `cdktf synth` wrote. @default 'cdktf.out' */
  readonly synthesized?: string;
  /** For a state in S3, too. */
  readonly profile?: string;
}

/** As `StateOptions`. `state: false` is `--no-state`: what deploys the access has none. */
export type PreflightState = Omit<StateOptions, 'state'> & { readonly state?: string | false };

/** The folder of a synthesized stack. @throws UserError */
export function stackFolder(stack: string, { synthesized = 'cdktf.out' }: StateOptions): string {
  const folder = join(synthesized, 'stacks', stack);
  if (existsSync(join(folder, STACK_FILE))) return folder;
  if (synthesized === process.env['AURORA_IAM_SYNTHESIZED'])
    throw new UserError(
      `There is no stack ${stack} in ${synthesized}, which AURORA_IAM_SYNTHESIZED names: nothing has been deployed from there yet.`,
    );
  throw new UserError(`There is no stack ${stack} in ${synthesized}. Run ${SYNTH_COMMAND} first.`);
}

/** What the state of a stack holds. @throws UserError */
export async function resourcesInState(stack: string, options: StateOptions): Promise<StateResource[]> {
  const { state: file, profile } = options;
  try {
    if (file !== undefined) return stateResources(readFileSync(file === '-' ? 0 : file, 'utf8'));
    const variables = profile === undefined ? {} : { AWS_PROFILE: profile };
    return stateResources(await readState(stackFolder(stack, options), variables));
  } catch (error) {
    if (error instanceof StateError)
      throw new UserError(
        `The state of ${stack} cannot be read: ${error.message} ${error.wayOut ?? `If ${diffCommand(stack)} cannot read it either, and it is a local file, move it away: what the environment has can be recovered. Or give it: --state <file>.`}`,
      );
    if (error instanceof StateFormatError)
      throw new UserError(`${file ?? `The state of ${stack}`} ${error.message}.`);
    if (file === undefined || error instanceof UserError) throw error;
    throw new UserError(`The state ${file} cannot be read.`);
  }
}

/** An import block. */
export interface Import {
  readonly to: string;
  readonly id: string;
}

/** Roles that `recover` has found for the next run. @throws UserError */
export function rolesToImport(stack: string, { synthesized = 'cdktf.out' }: StateOptions): string[] {
  const file = join(synthesized, 'stacks', stack, RECOVERY_FILE);
  if (!existsSync(file)) return [];
  try {
    const { import: imports } = JSON.parse(readFileSync(file, 'utf8')) as { import: readonly Import[] };
    return imports.map(({ id }) => id.replace(/([$%])\1(?=\{)/g, '$1'));
  } catch {
    throw new UserError(`${file} is not as recover writes it. Remove it, and run recover again.`);
  }
}
