import type { ContextEntry, IAMClient } from '@aws-sdk/client-iam';
import { type Fact, known, notKnown, type Simulation } from '../../../modules/diagnosis/facts';
import { CONNECT } from '../../../modules/iam/actions';
import { type Caller, contextOf } from '../../../modules/iam/caller';
import type { PolicySet } from '../../../modules/iam/policy-set';
import { iamParts } from '../../../modules/names/arn';
import { policiesOf } from '../policies-of';
import { missing } from './missing';

export const NO_SUCH_PRINCIPAL = 'IAM has no role or user';

/** The documents of whoever signs, or of a role or user that an administrator asks about. Nothing is assumed. */
export async function lookAtPolicies(
  who: Caller | PrincipalArn,
  iam: IAMClient,
): Promise<Fact<{ readonly caller: Caller; readonly policies: PolicySet }>> {
  try {
    const caller = await callerIn(who, iam);
    if (caller === undefined) return notKnown(NO_SUCH_PRINCIPAL);
    return known({ caller, policies: await policiesOf(caller, iam) });
  } catch (error) {
    if (/NoSuchEntity/.test((error as Error).name)) return notKnown(NO_SUCH_PRINCIPAL);
    return missing(error, 'the policies, the boundary and the groups of the identity');
  }
}

/** Of a role or user. */
export interface PrincipalArn {
  readonly arn: string;
}

/** The ARN of a session does not have the path of its role; IAM has. */
async function callerIn(who: Caller | PrincipalArn, iam: IAMClient): Promise<Caller | undefined> {
  if ('kind' in who && who.kind === 'user') return who;
  const { GetRoleCommand, GetUserCommand } = await import('@aws-sdk/client-iam');
  const parts = iamParts(who.arn);
  const name = 'kind' in who ? who.name : (parts?.name.split('/').at(-1) ?? '');
  const common = { name, sessionPolicies: [], sessionPolicyArns: [] };
  if ('kind' in who || parts?.type === 'role') {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    if (!Role?.Arn || !Role.RoleId) return undefined;
    if ('kind' in who) return { ...who, principalArn: Role.Arn };
    return {
      ...common,
      account: iamParts(Role.Arn)?.account ?? '',
      kind: 'assumed-role',
      arn: Role.Arn,
      principalArn: Role.Arn,
      userId: `${Role.RoleId}:aurora-iam`,
    };
  }
  const { User } = await iam.send(new GetUserCommand({ UserName: name }));
  if (!User?.Arn || !User.UserId) return undefined;
  return {
    ...common,
    account: iamParts(User.Arn)?.account ?? '',
    kind: 'user',
    arn: User.Arn,
    principalArn: User.Arn,
    userId: User.UserId,
  };
}

/**
 * What IAM's own simulator says, the part of the organization with it.
 * @param dbuserArn undefined: the resource id is not known
 */
export async function simulate(
  caller: Caller,
  dbuserArn: string | undefined,
  iam: IAMClient,
  now: Date,
): Promise<Fact<Simulation>> {
  if (dbuserArn === undefined) return notKnown('the resource id is not known, which the simulator needs');
  const { SimulatePrincipalPolicyCommand } = await import('@aws-sdk/client-iam');
  const entries = Object.entries(contextOf(caller, now)).map(
    ([ContextKeyName, value]): ContextEntry => ({
      ContextKeyName,
      ContextKeyValues: [value].flat(),
      ContextKeyType:
        ContextKeyName === 'aws:CurrentTime' || ContextKeyName === 'aws:TokenIssueTime' ? 'date' : 'string',
    }),
  );
  try {
    const { EvaluationResults = [] } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: caller.principalArn,
        ActionNames: [CONNECT],
        ResourceArns: [dbuserArn],
        ContextEntries: entries,
      }),
    );
    const [result] = EvaluationResults;
    if (!result?.EvalDecision) return notKnown('the simulator answered without a decision');
    return known({
      decision: result.EvalDecision,
      allowedByOrganization: result.OrganizationsDecisionDetail?.AllowedByOrganizations,
      allowedByBoundary: result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
    });
  } catch (error) {
    return missing(error, 'what IAM decides, the part of the organization with it');
  }
}
