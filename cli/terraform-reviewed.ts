import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { reviewPlan } from '../modules/plan/review';
import type { TerraformPlan } from '../modules/plan/terraform-plan';
import { acceptedInEnvironment, allowedInEnvironment, line } from './review';

// In the place of Terraform, for `cdktf deploy` (TERRAFORM_BINARY_NAME=…/cli/terraform-reviewed.cjs): applies the plan that
// `cdktf diff` saved, after a review, and nothing else. If the world has changed since, Terraform itself refuses the plan.

/** Where `cdktf diff` saves the plan of a stack, in the folder of the stack. */
const PLAN_FILE = 'plan';

const terraform = process.env['AURORA_IAM_TERRAFORM'] || 'terraform';
const [command = '', ...options] = process.argv.slice(2);

if (command === 'apply') applyReviewed();
else if (command === 'destroy')
  refuse('destroys without a plan that anybody reviewed: run cdktf destroy with Terraform itself.');
else run(process.argv.slice(2));

function applyReviewed(): void {
  if (!existsSync(PLAN_FILE))
    refuse(
      `applies a saved plan only, and there is none: run npx cdktf diff ${basename(process.cwd())} first.`,
    );
  const unfit = options.find((option) =>
    /^-(var|var-file|target|replace|refresh-only|destroy)\b/.test(option),
  );
  if (unfit !== undefined) refuse(`applies a saved plan as it is: ${unfit} belongs to cdktf diff.`);
  const shown = spawnSync(terraform, ['show', '-json', PLAN_FILE], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (shown.status !== 0)
    refuse(`cannot read the saved plan: ${(shown.stderr || String(shown.error)).trim()}`);
  const findings = reviewPlan(
    JSON.parse(shown.stdout) as TerraformPlan,
    acceptedInEnvironment(),
    allowedInEnvironment(),
  );
  for (const finding of findings) console.error(line(basename(process.cwd()), finding));
  const faults = findings.filter(({ severity }) => severity === 'fault');
  if (faults.length > 0)
    refuse(
      `does not apply this plan. What is wanted all the same is named in AURORA_IAM_ACCEPT: ${faults.map(({ acceptance }) => acceptance).join(' ')}`,
    );
  const kept = options.filter((option) => /^-(input|no-color|parallelism|lock|lock-timeout)\b/.test(option));
  // A plan is applied once, whatever comes of it.
  run(['apply', ...kept, PLAN_FILE], () => rmSync(PLAN_FILE, { force: true }));
}

function run(terraformArguments: readonly string[], afterwards = () => {}): void {
  const child = spawn(terraform, terraformArguments, { stdio: 'inherit' });
  // cdktf speaks to this process; what it asks to end must end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
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
