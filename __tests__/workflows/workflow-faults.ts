import { isPair, isScalar, parseDocument, visit } from 'yaml';

/** As much of a workflow as is looked at. */
interface Workflow {
  on?: string | string[] | Record<string, unknown>;
  permissions?: unknown;
  jobs?: Record<string, Job>;
}

interface Job {
  /** Another workflow instead of steps. */
  uses?: string;
  permissions?: unknown;
  environment?: unknown;
  'runs-on'?: unknown;
  'timeout-minutes'?: number;
  steps?: Step[];
}

interface Step {
  uses?: string;
  run?: string;
  with?: { script?: string; ref?: string; repository?: string };
}

/** What must not be in a workflow of this project: https://docs.github.com/en/actions/reference/security/secure-use */
export function workflowFaults(text: string): string[] {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) return [`it is not YAML: ${error.message}`];
  const { on = [], permissions, jobs = {} } = document.toJS() as Workflow;
  const faults: string[] = [];

  visit(document, {
    Pair: (_key, pair) => {
      if (!isPair(pair) || !isScalar(pair.key) || pair.key.value !== 'uses' || !isScalar(pair.value)) return;
      const [action, comment] = [String(pair.value.value), pair.value.comment ?? ''];
      // What lies in this repository is of the same commit.
      if (action.startsWith('./')) return;
      if (!/@[0-9a-f]{40}$/.test(action)) faults.push(`${action} is not pinned by a commit`);
      if (!/^ v\d+\.\d+\.\d+$/.test(comment))
        faults.push(`${action} lacks the comment that names its version`);
    },
  });

  const events = typeof on === 'string' ? [on] : Array.isArray(on) ? on : Object.keys(on);
  // It runs with the repository's rights on what a stranger proposes.
  if (events.includes('pull_request_target')) faults.push('it runs on pull_request_target');

  if (typeof permissions !== 'object' || permissions === null)
    faults.push('it lists no permissions at its top');
  else
    for (const [what, right] of Object.entries(permissions))
      if (right !== 'none' && !(what === 'contents' && right === 'read'))
        faults.push(`every job gets ${what}: ${right}; the job that needs it should ask`);

  for (const [name, job] of Object.entries(jobs)) {
    if (job.uses === undefined && job['timeout-minutes'] === undefined)
      faults.push(`job ${name} has no timeout-minutes`);
    for (const step of job.steps ?? [])
      for (const script of [step.run, step.with?.script])
        for (const [expression] of script?.matchAll(/\$\{\{.*?\}\}/gs) ?? [])
          if (/\b(github|inputs)\b/.test(expression))
            faults.push(`a script of job ${name} contains ${expression}, which may be code: pass it by env`);
    if (events.some((event) => STRANGERS.test(event))) faults.push(...withinReachOfStrangers(name, job));
    if (mayAskForToken(job.permissions ?? permissions)) faults.push(...besideToken(name, job));
  }
  return faults;
}

/** Events by which somebody without the right to write makes a workflow run. */
const STRANGERS = /^(pull_request|workflow_run$|issues$|issue_comment$|discussion|fork$|watch$)/;

/** What a job must not have where a stranger's code may run. */
function withinReachOfStrangers(name: string, job: Job): string[] {
  const has: [string, boolean][] = [
    ['asks for an OIDC token', mayAskForToken(job.permissions)],
    ['may write', /write/.test(JSON.stringify(job.permissions ?? {}))],
    ['names an environment', job.environment !== undefined],
    ['reads secrets', /\bsecrets\b/.test(JSON.stringify(job))],
    ['runs on a machine of our own', /self-hosted/.test(JSON.stringify(job['runs-on'] ?? ''))],
  ];
  return has.filter(([, is]) => is).map(([what]) => `job ${name} runs for strangers and ${what}`);
}

/** A token can be asked for in any step: so nothing is installed in such a job, and nobody else's code is fetched. */
function besideToken(name: string, job: Job): string[] {
  const faults: string[] = [];
  if (job.environment === undefined)
    faults.push(`job ${name} can ask for a token in any branch: it names no environment`);
  if (job.uses !== undefined) faults.push(`job ${name} can ask for a token and is another workflow's`);
  for (const { run = '', uses = '', with: settings = {} } of job.steps ?? []) {
    const installs = /\b(npm|pnpm|yarn|bun|pip3?|pipx|gem|cargo|go)\s+\w+/.exec(run)?.[0];
    if (installs !== undefined) faults.push(`job ${name} can ask for a token and runs ${installs}`);
    if (/\b(npx|bunx)\s+(?!--no-install\s)/.test(run))
      faults.push(`job ${name} can ask for a token and runs npx without --no-install`);
    if (
      uses.startsWith('actions/checkout@') &&
      /pull_request|head_ref|head_branch|head_sha/.test(`${settings.ref} ${settings.repository}`)
    )
      faults.push(`job ${name} can ask for a token and checks out a pull request`);
  }
  return faults;
}

function mayAskForToken(permissions: unknown): boolean {
  if (permissions === 'write-all') return true;
  return (permissions as Record<string, unknown> | null | undefined)?.['id-token'] === 'write';
}
