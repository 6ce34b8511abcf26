import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A CDKTF program: a JavaScript file and its arguments. */
export interface Program {
  readonly name: string;
  readonly command: readonly [file: string, ...arguments: string[]];
  /** The exit code that it ends with. @default 0 */
  readonly exit?: number;
}

/** One whole process. */
export interface Sample {
  /** From before it is started until it has ended. */
  readonly milliseconds: number;
  /** Peak of resident memory. */
  readonly kibibytes: number;
}

export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** As cdktf.json runs a program: one that lives for half a second needs no young generation of 32 MB. */
const SYNTHESIS_OPTIONS = ['--max-semi-space-size=4'] as const;

/** Settings that would make a program do other work, or node slower, than where they are not set. */
const NOT_INHERITED = /^(CDKTF_|LOCAL_AURORA_|NODE_|SYNTH_HCL_OUTPUT$)/;

/**
 * Runs a program, lets `read` look at what it synthesized, and removes that.
 * @param folder an existing folder for temporary files
 * @throws Error with the program's own message if it fails.
 */
export function run<T>(program: Program, folder: string, read: (outdir: string) => T): [Sample, T] {
  const temporary = mkdtempSync(join(folder, 'run-'));
  try {
    const outdir = join(temporary, 'out');
    const peakFile = join(temporary, 'peak');
    const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
    const hook = join(__dirname, 'peak-memory.js');
    const start = process.hrtime.bigint();
    const options = [...SYNTHESIS_OPTIONS, '--require', hook, ...program.command];
    const { status, error, stderr } = spawnSync(process.execPath, options, {
      cwd: temporary,
      env: { ...Object.fromEntries(inherited), CDKTF_OUTDIR: outdir, PEAK_MEMORY_FILE: peakFile },
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
    if (status !== (program.exit ?? 0))
      throw new Error(`${program.name} failed: ${error?.message ?? stderr.trim()}`);
    return [{ milliseconds, kibibytes: Number(readFileSync(peakFile, 'utf8')) }, read(outdir)];
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Runs the programs in turn, `rounds` times after one round that does not count. Each round begins with another
 * program, so that none always runs after the same one.
 * @returns the samples of each program, one a round, in the order of the rounds
 */
export function measureInTurn(programs: readonly Program[], rounds: number, folder: string): Sample[][] {
  const samples: Sample[][] = programs.map(() => []);
  for (let round = 0; round <= rounds; round++)
    for (let turn = 0; turn < programs.length; turn++) {
      const index = (round + turn) % programs.length;
      const [sample] = run(programs[index] as Program, folder, () => undefined);
      if (round > 0) samples[index]?.push(sample);
    }
  return samples;
}

/** Expects at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (index: number) => sorted[index] as number;
  const half = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(half)) + at(Math.ceil(half))) / 2,
    minimum: at(0),
    maximum: at(sorted.length - 1),
  };
}
