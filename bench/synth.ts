import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import environments from '../environments';
import { LOCAL_DIRECTORY } from '../local/project-directory';
import { bareProgram } from './bare-program';
import { measureInTurn, type Program, run, type Sample, spread } from './measure';
import { comparison, growth, heading } from './report';
import { firstDifferenceOfStacks, readSynthesizedStacks } from './synthesized-stacks';

// What this project costs over CDKTF itself: whole processes, ours and a program without our model that emits the
// same JSON, run in turn, because only ratios of neighbours mean something on a machine that does other work too.

const ROUNDS = 11;
const FEW = 10;
const SOME = 100;
const MANY = 1000;

/** @throws where a program fails, or two do not emit the same */
export function synth(): void {
  mkdirSync(LOCAL_DIRECTORY, { recursive: true });
  // Below the project, so that the bare programs find its node_modules.
  const folder = mkdtempSync(join(LOCAL_DIRECTORY, 'bench-'));
  try {
    const project: Program = { name: 'main.js', command: [join(__dirname, '..', 'main.js')] };
    const bareProject = writeBareProgram(project, folder);
    const bareMany = writeBareProgram(manyLogins(MANY), folder);
    console.log(heading(ROUNDS));

    const [ours, bare] = inTurn([project, bareProject], folder);
    const scenario = `${environments.length} environments`;
    console.log(comparison(`${scenario}, time`, milliseconds(ours), milliseconds(bare), 'ms', 1.3));
    console.log(comparison(`${scenario}, peak memory`, mebibytes(ours), mebibytes(bare), 'MiB', 1.2));

    const empty: Program = { name: 'empty-program.js', command: [join(__dirname, 'empty-program.js')] };
    const [ofMany, bareOfMany, ofSome, ofFew, ofNone] = inTurn(
      [manyLogins(MANY), bareMany, manyLogins(SOME), manyLogins(FEW), empty],
      folder,
    );
    const many = `${MANY.toLocaleString('en')} logins`;
    console.log(comparison(`${many}, time`, milliseconds(ofMany), milliseconds(bareOfMany), 'ms', 1.3));
    console.log(comparison(`${many}, peak memory`, mebibytes(ofMany), mebibytes(bareOfMany), 'MiB'));
    const median = (samples: readonly Sample[]) => spread(milliseconds(samples)).median;
    console.log(
      growth(median(ofNone), [
        { logins: FEW, milliseconds: median(ofFew) },
        { logins: SOME, milliseconds: median(ofSome) },
        { logins: MANY, milliseconds: median(ofMany) },
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function manyLogins(count: number): Program {
  return { name: `many-logins.js ${count}`, command: [join(__dirname, 'many-logins.js'), String(count)] };
}

/**
 * Writes the bare counterpart of a program.
 * @throws Error if the two do not emit the same: then there would be nothing to compare.
 */
function writeBareProgram(program: Program, folder: string): Program {
  const [, stacks] = run(program, folder, readSynthesizedStacks);
  const bareFolder = mkdtempSync(join(folder, 'bare-'));
  for (const { name, files } of stacks) {
    mkdirSync(join(bareFolder, name));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(bareFolder, name, file), text);
  }
  const file = join(bareFolder, 'program.js');
  writeFileSync(file, bareProgram(stacks));
  const bare: Program = { name: `bare program of ${program.name}`, command: [file] };
  const [, bareStacks] = run(bare, folder, readSynthesizedStacks);
  const difference = firstDifferenceOfStacks(stacks, bareStacks);
  if (difference !== undefined) throw new Error(`${bare.name} emits something else: ${difference}`);
  return bare;
}

/** As many lists of samples as programs. */
function inTurn<const Programs extends readonly Program[]>(programs: Programs, folder: string) {
  return measureInTurn(programs, ROUNDS, folder) as { [Index in keyof Programs]: Sample[] };
}

function milliseconds(samples: readonly Sample[]): number[] {
  return samples.map((sample) => sample.milliseconds);
}

function mebibytes(samples: readonly Sample[]): number[] {
  return samples.map((sample) => sample.kibibytes / 1024);
}
