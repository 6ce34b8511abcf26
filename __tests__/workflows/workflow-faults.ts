import { isPair, isScalar, parseDocument, visit } from 'yaml';

/** As much of a workflow as is looked at. */
interface Workflow {
  on?: string | string[] | Record<string, unknown>;
  permissions?: unknown;
  jobs?: Record<string, Job>;
}

interface Job {
  /** A workflow in the place of steps. */
  uses?: string;
  'timeout-minutes'?: number;
  steps?: { run?: string; with?: { script?: string } }[];
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
  }
  return faults;
}
