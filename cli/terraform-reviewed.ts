import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findingLine } from '../modules/findings/finding';
import { diffCommand } from '../modules/names/commands';
import { reviewPlan } from '../modules/plan/review';
import type { TerraformPlan } from '../modules/plan/terraform-plan';
import { findBinary, reviewedBinary } from '../planning/terraform-binary';
import { acceptedInEnvironment, allowedInEnvironment, ofStack } from './review';
import { judgeCommandLine } from './reviewed-terraform/command-line';
import { maximumAgeOf, type PlanStanding, unfitPlan } from './reviewed-terraform/saved-plan';
import { harmlessVariables } from './reviewed-terraform/variables';

// Instead of Terraform, for `cdktf deploy` (TERRAFORM_BINARY_NAME=…/cli/terraform-reviewed.cjs): applies the plan that
// `cdktf diff` saved, after a review, and nothing else.

/** Where `cdktf diff` saves the plan of a stack, in the folder of the stack. */
const PLAN_FILE = 'plan';

const AGE_VARIABLE = 'AURORA_IAM_PLAN_MINUTES';

const terraform = reviewedBinary();
const variables = harmlessVariables(process.env);
const judged = judgeCommandLine(process.argv.slice(2));

// cdktf speaks to this process; what it asks to end must end, and the copy of the plan with it.
let child: ChildProcess | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (!child) process.exit(1);
    // A terminal interrupts both processes. A second interrupt would make Terraform drop everything, its state included.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });

if (judged.kind === 'refused') refuse(judged.reason);
else if (judged.kind === 'apply')
  applyReviewed(judged.options).catch((error: Error) => refuse(`cannot review the plan: ${error.message}`));
else run(judged.commandLine);

async function applyReviewed(options: readonly string[]): Promise<void> {
  const stack = basename(process.cwd());
  if (!existsSync(PLAN_FILE))
    refuse(`applies a saved plan only, and there is none: run ${diffCommand(stack)} first.`);
  const maximumAge = maximumAgeOf(process.env[AGE_VARIABLE]);
  if (maximumAge === undefined) refuse(`expects minutes in ${AGE_VARIABLE}, 1 to 99999.`);
  if (variables.dropped.length > 0)
    console.error(
      `aurora-iam: ignored, because they could change what is applied: ${variables.dropped.join(', ')}`,
    );

  // One copy for the review and the apply, where nobody else writes: mkdtemp makes the folder with mode 0700.
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-plan-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, PLAN_FILE);
  copyFileSync(PLAN_FILE, copy, constants.COPYFILE_EXCL);

  const plan = await shownPlan(copy);
  // OpenTofu has no such field, so that a plan with -target cannot be told from others.
  const tellsComplete = plan.complete !== undefined || !(await isOpenTofu());
  const unfit = unfitPlan(plan, new Date(), maximumAge, tellsComplete);
  if (unfit !== undefined) refuse(`does not apply this plan: it ${unfit}. Run ${diffCommand(stack)} again.`);
  const findings = reviewPlan(plan, acceptedInEnvironment(), allowedInEnvironment());
  for (const finding of findings) console.error(findingLine(ofStack(stack, finding)));
  const faults = findings.filter(({ severity }) => severity === 'fault');
  // Not the acceptances themselves: cdktf writes more to the first address of a line.
  if (faults.length > 0)
    refuse(
      'does not apply this plan. To apply it all the same, put into AURORA_IAM_ACCEPT what the line of each fault ends with.',
    );
  // A plan is applied once, whatever comes of it.
  run(['apply', ...options, copy], () => rmSync(PLAN_FILE, { force: true }));
}

async function isOpenTofu(): Promise<boolean> {
  const found = await findBinary(terraform);
  return 'product' in found && found.product === 'OpenTofu';
}

function shownPlan(file: string): Promise<TerraformPlan & PlanStanding> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 1 << 28, env: variables.kept };
    child = execFile(terraform, ['show', '-json', file], options, (error, stdout, stderr) => {
      child = undefined;
      if (error) refuse(`cannot read the saved plan: ${(stderr || error.message).trim()}`);
      resolve(JSON.parse(stdout) as TerraformPlan & PlanStanding);
    });
  });
}

function run(terraformArguments: readonly string[], afterwards = () => {}): void {
  child = spawn(terraform, terraformArguments, { stdio: 'inherit', env: variables.kept });
  child.on('error', (error) => refuse(`cannot run ${terraform}: ${error.message}`));
  child.on('exit', (code) => {
    afterwards();
    process.exitCode = code ?? 1;
  });
}

function refuse(message: string): never {
  console.error(`aurora-iam: the reviewed Terraform ${message}`);
  process.exit(1);
}
