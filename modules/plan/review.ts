import { attributeOf, isUnknown, managed, plannedPolicies, text, texts } from './connect-access';
import type { PolicyContents } from './policy-contents';
import { plannedSecrets } from './secrets';
import type { ResourceChange, TerraformPlan } from './terraform-plan';

/** Something about a plan that a person should know before it is applied. */
export interface PlanFinding {
  /** A `fault` must not be applied unseen; a `note` is for information. */
  readonly severity: 'fault' | 'note';
  readonly rule: PlanRule;
  readonly address: string;
  /** What is so, and the way out, in one line. */
  readonly message: string;
}

/** Stable: for scripts, and for `--accept`. */
export type PlanRule =
  | 'iam-authentication-off'
  | 'cluster-destroyed'
  | 'policy-beyond-connect'
  | 'policy-unknown'
  | 'login-without-group'
  | 'login-leaves-rds-iam'
  | 'trusts-everybody'
  | 'secret';

/** `<rule>:<address>` of a fault that somebody has looked at and wants. */
export type Accepted = `${PlanRule}:${string}`;

/**
 * What a pipeline must not apply without a person's word: access that grows beyond connecting, logins that would be left
 * without anything or be shut out, a cluster that would go, a secret in the plan. Pure.
 * @param accepted become notes
 */
export function reviewPlan(plan: TerraformPlan, accepted: readonly string[] = []): PlanFinding[] {
  const resources = managed(plan);
  return [
    ...resources.flatMap(clusterFindings),
    ...policyFindings(plan),
    ...resources.flatMap(trustFindings),
    ...loginFindings(resources),
    ...plannedSecrets(plan).map(({ address, what }) =>
      fault(
        'secret',
        address,
        `${what} stands in the plan in clear, and would in the state; take it from an ephemeral value, or from the environment of the process`,
      ),
    ),
  ].map((finding) =>
    accepted.includes(`${finding.rule}:${finding.address}`)
      ? { ...finding, severity: 'note', message: `${finding.message} (accepted)` }
      : finding,
  );
}

const fault = (rule: PlanRule, address: string, message: string): PlanFinding => ({
  severity: 'fault',
  rule,
  address,
  message,
});
const note = (rule: PlanRule, address: string, message: string): PlanFinding => ({
  severity: 'note',
  rule,
  address,
  message,
});

const AUTHENTICATION = 'iam_database_authentication_enabled';

function clusterFindings({ address, type, change }: ResourceChange): PlanFinding[] {
  if (!['aws_rds_cluster', 'aws_db_instance', 'aws_rds_global_cluster'].includes(type)) return [];
  const findings: PlanFinding[] = [];
  if (change.actions.includes('delete'))
    findings.push(
      fault(
        'cluster-destroyed',
        address,
        `would be ${change.after === null ? 'destroyed' : 'replaced by another one'}, with its data and its resource id; look at what forces that`,
      ),
    );
  if (type === 'aws_rds_global_cluster' || change.after === null) return findings;
  const isOn = attributeOf(change.after, AUTHENTICATION) === true;
  if (isOn) return findings;
  if (attributeOf(change.before, AUTHENTICATION) === true)
    findings.push(
      fault(
        'iam-authentication-off',
        address,
        `${isUnknown(change.after_unknown, AUTHENTICATION) ? 'may switch' : 'switches'} IAM authentication off: every login by token would be refused; leave ${AUTHENTICATION} = true`,
      ),
    );
  else if (change.actions.includes('create'))
    findings.push(
      note(
        'iam-authentication-off',
        address,
        `is created without IAM authentication: nobody can log in by token`,
      ),
    );
  return findings;
}

function policyFindings(plan: TerraformPlan): PlanFinding[] {
  const changed = new Set(
    managed(plan)
      .filter(({ change }) => change.actions.some((action) => action !== 'no-op'))
      .map(({ address }) => address),
  );
  return plannedPolicies(plan).flatMap(({ address, name, before, after }) => {
    if (!changed.has(address) || after === undefined) return [];
    if (after === 'unknown')
      return [
        fault(
          'policy-unknown',
          address,
          `what policy ${name} will say is known after the apply only, so nobody can review it; create the cluster first, in a stack of its own`,
        ),
      ];
    if (after === 'malformed')
      return [fault('policy-unknown', address, `policy ${name} is no document that IAM accepts; mend it`)];
    const was = typeof before === 'object' ? before : NOTHING;
    if (!after.mayConnect && !was.mayConnect) return [];
    return after.beyond
      .filter((what) => !was.beyond.includes(what))
      .map((what) =>
        fault(
          'policy-beyond-connect',
          address,
          `policy ${name} would allow ${what}: connecting needs rds-db:connect on the ARN of each login, and no more`,
        ),
      );
  });
}

const NOTHING: PolicyContents = { connects: [], lookUps: [], beyond: [], mayConnect: false };

/** A trust policy that lets anybody assume a role that is created or changed here. */
function trustFindings({ address, type, change }: ResourceChange): PlanFinding[] {
  if (type !== 'aws_iam_role' || change.after === null) return [];
  const trust = text(change.after, 'assume_role_policy');
  if (trust === undefined || trust === text(change.before, 'assume_role_policy')) return [];
  let statements: unknown[];
  try {
    statements = [(JSON.parse(trust) as { Statement?: unknown }).Statement ?? []].flat();
  } catch {
    return [];
  }
  const open = statements.some((statement) => {
    const { Effect, Principal, Condition } = statement as Record<string, unknown>;
    const everybody = Principal === '*' || [attributeOf(Principal, 'AWS') ?? []].flat().includes('*');
    return Effect === 'Allow' && everybody && Condition === undefined;
  });
  return open
    ? [fault('trusts-everybody', address, 'could be assumed by anybody in any account; name who may')]
    : [];
}

/** A login's groups: what it is a member of but rds_iam and PostgreSQL's own roles. */
function loginFindings(resources: readonly ResourceChange[]): PlanFinding[] {
  const roles = resources.filter(({ type }) => type === 'postgresql_role');
  const memberships = resources.filter(({ type }) => type === 'postgresql_grant_role');
  return roles.flatMap(({ address, change }) => {
    const name = text(change.before, 'name');
    if (name === undefined || change.after === null) return [];
    const of = (when: 'before' | 'after', role: string | undefined) =>
      memberships
        .filter((each) => text(each.change[when], 'role') === role)
        .flatMap((each) => text(each.change[when], 'grant_role') ?? []);
    const newName = text(change.after, 'name') ?? name;
    const added = of('after', newName);
    const removed = of('before', name).filter((role) => !added.includes(role));
    const was = [...texts(change.before, 'roles'), ...of('before', name)];
    const is = [...texts(change.after, 'roles').filter((role) => !removed.includes(role)), ...added];
    if (isUnknown(change.after_unknown, 'roles')) return [];
    const groups = (all: readonly string[]) => all.filter((role) => !/^(rds_|pg_)/.test(role));
    const findings: PlanFinding[] = [];
    if (was.includes('rds_iam') && !is.includes('rds_iam'))
      findings.push(
        fault(
          'login-leaves-rds-iam',
          address,
          `login ${name} would leave rds_iam: no token of it is accepted any more, and a password would be; remove the login instead, or leave it in`,
        ),
      );
    if (was.includes('rds_iam') && groups(was).length > 0 && groups(is).length === 0)
      findings.push(
        fault(
          'login-without-group',
          address,
          `login ${name} would lose its last group, and with it everything it may do; remove the login, or give it a group`,
        ),
      );
    return findings;
  });
}
