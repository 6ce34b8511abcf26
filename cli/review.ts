import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../clients/error';
import { type Finding, hasFault } from '../modules/findings/finding';
import { comparedPlans } from '../modules/plan/compare';
import { type PlanFinding, reviewPlan, unusedAcceptances } from '../modules/plan/review';
import { isEmpty, planSummary, code as quoted, summaryMarkdown } from '../modules/plan/summary';
import type { TerraformPlan } from '../modules/plan/terraform-plan';
import { EXIT, found, type Outcome } from './outcome';

export interface ReviewOptions {
  /** A plan from before the change, or a folder of such, by the same names: both made without a state. */
  readonly base?: string;
  readonly markdown?: boolean;
  readonly json?: boolean;
  /** `<rule>:<address>:<hash>` of faults that somebody wants. */
  readonly accept?: readonly string[];
  /** Types or addresses that a stack of one's own holds besides. */
  readonly allowForeign?: readonly string[];
}

/** @throws UserError */
export function review(files: readonly string[], options: ReviewOptions): Outcome {
  if (options.json && options.markdown) throw new UserError('Give --json or --markdown, not both.');
  const accepted = [...(options.accept ?? []), ...acceptedInEnvironment()];
  const allowed = [...(options.allowForeign ?? []), ...allowedInEnvironment()];
  const reviewed = plansToReview(files, options.base).map(({ title, plan, gone }) => ({
    title,
    gone,
    summary: planSummary(plan),
    findings: gone ? [] : reviewPlan(plan, accepted, allowed),
  }));
  const unused = unusedAcceptances(
    accepted,
    reviewed.flatMap(({ findings }) => findings),
  );
  const findings: Finding[] = [
    ...reviewed.flatMap(({ title, findings }) => findings.map((finding) => ofStack(title, finding))),
    ...unused,
  ];
  if (options.markdown) {
    const isQuiet = ({ gone, summary, findings }: (typeof reviewed)[number]) =>
      !gone && isEmpty(summary) && findings.length === 0;
    const quiet = reviewed.filter(isQuiet).map(({ title }) => quoted(title));
    const parts = reviewed
      .filter((each) => !isQuiet(each))
      .map(({ title, gone, summary, findings }) =>
        summaryMarkdown(title, summary, findings, gone ? GONE : undefined),
      );
    const notes = unused.map(({ where, message, wayOut }) => `${where} ${message}; ${wayOut}\n`);
    return {
      text: [...parts, ...(quiet.length > 0 ? [`No changes: ${quiet.join(', ')}\n`] : []), ...notes].join(
        '\n',
      ),
      exit: hasFault(findings) ? EXIT.found : EXIT.done,
    };
  }
  return found(findings, options);
}

const GONE =
  'This stack is no longer made. That destroys nothing: run cdktf destroy for it while its environment is still there.';

/** For the wrapper of Terraform, and for pipelines: separated by white space or commas. */
export function acceptedInEnvironment(): string[] {
  return listInEnvironment('AURORA_IAM_ACCEPT');
}

/** The same, of types and addresses that `--allow-foreign` takes. */
export function allowedInEnvironment(): string[] {
  return listInEnvironment('AURORA_IAM_ALLOW_FOREIGN');
}

function listInEnvironment(variable: string): string[] {
  return (process.env[variable] ?? '').split(/[\s,]+/).filter((each) => each !== '');
}

/** Said of its stack; of a fault with what accepts it, to be pasted as it is. */
export function ofStack(title: string, finding: PlanFinding): Finding {
  const { severity, where, wayOut, acceptance } = finding;
  const accept = severity === 'fault' ? [`to accept it: ${acceptance}`] : [];
  const ways = [...(wayOut === undefined ? [] : [wayOut]), ...accept];
  return {
    ...finding,
    where: `${title} ${where}`,
    ...(ways.length === 0 ? {} : { wayOut: ways.join('; ') }),
  };
}

interface PlanToReview {
  readonly title: string;
  readonly plan: TerraformPlan;
  /** It was there before the change, and is not any more. */
  readonly gone: boolean;
}

function plansToReview(files: readonly string[], base: string | undefined): PlanToReview[] {
  const heads = files.map((file) => ({ title: titleOf(file), plan: readPlan(file) }));
  if (base === undefined) return heads.map((head) => ({ ...head, gone: false }));
  const bases = new Map(basePlans(base, heads).map(({ title, plan }) => [title, plan]));
  const present = heads.map(({ title, plan }) => ({
    title,
    plan: comparedPlans(bases.get(title) ?? NOTHING, plan),
    gone: false,
  }));
  const titles = heads.map(({ title }) => title);
  const gone = [...bases]
    .filter(([title]) => !titles.includes(title))
    .map(([title, plan]) => ({ title, plan: comparedPlans(plan, plan), gone: true }));
  return [...present, ...gone];
}

const NOTHING: TerraformPlan = { format_version: '1.2' };

function basePlans(
  base: string,
  heads: readonly { readonly title: string }[],
): { title: string; plan: TerraformPlan }[] {
  if (!existsSync(base))
    throw new UserError(`${base} is not there. --base takes a plan or a folder of plans.`);
  if (statSync(base).isDirectory())
    return readdirSync(base)
      .filter((file) => file.endsWith('.json'))
      .map((file) => ({ title: titleOf(file), plan: readPlan(join(base, file)) }));
  const [head] = heads;
  if (!head || heads.length > 1)
    throw new UserError('--base is one plan, and several are to be reviewed: give a folder of plans.');
  return [{ title: head.title, plan: readPlan(base) }];
}

/** The stack: `dev-policies.plan.json` and `dev-policies/plan.json` alike. */
function titleOf(file: string): string {
  const name = basename(file);
  return name === 'plan.json' ? basename(dirname(resolve(file))) : name.replace(/(\.plan)?\.json$/, '');
}

function readPlan(file: string): TerraformPlan {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new UserError(
      `The plan ${file} cannot be read. Make it with: terraform show -json plan > plan.json`,
    );
  }
  let plan: unknown;
  try {
    plan = JSON.parse(text);
  } catch {
    plan = undefined;
  }
  if (typeof (plan as TerraformPlan | undefined)?.format_version !== 'string')
    throw new UserError(
      `${file} is not what Terraform prints of a plan. Make it with: terraform show -json plan > plan.json`,
    );
  if ((plan as { errored?: boolean }).errored)
    throw new UserError(`${file} is of a plan that failed: it does not say all that would be done.`);
  return plan as TerraformPlan;
}
