import type { EntityType, IAMClient, ManagedPolicyDetail, PolicyDetail } from '@aws-sdk/client-iam';
import { type Fact, type Holder, known } from '../../../modules/diagnosis/facts';
import { type Candidate, holdersAmong } from '../../../modules/diagnosis/holders';
import type { DatabaseTarget } from '../../../modules/names/arn';
import { missing } from './missing';

/** Who else of the account may connect as the login: iam:GetAccountAuthorizationDetails, in one go. */
export async function lookForHolders(
  target: DatabaseTarget,
  login: string,
  iam: IAMClient,
  now: Date,
): Promise<Fact<readonly Holder[]>> {
  try {
    return known(holdersAmong(await candidates(iam), target, login, now));
  } catch (error) {
    return missing(error, 'who else of the account may connect as this login');
  }
}

/** Who has a policy of AWS's own that allows connecting may do nearly everything, and is not who is looked for. */
const WITHOUT_AWS: { Filter: EntityType[] } = { Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy'] };

async function candidates(iam: IAMClient): Promise<Candidate[]> {
  const { paginateGetAccountAuthorizationDetails } = await import('@aws-sdk/client-iam');
  const managed = new Map<string, string>();
  const groups = new Map<string, Candidate['policies']['identity']>();
  const found: (Omit<Candidate, 'policies'> & Attached)[] = [];
  for await (const page of paginateGetAccountAuthorizationDetails({ client: iam }, WITHOUT_AWS)) {
    for (const policy of page.Policies ?? []) managed.set(policy.Arn ?? '', defaultVersion(policy));
    for (const group of page.GroupDetailList ?? [])
      groups.set(group.GroupName ?? '', inline(group.GroupPolicyList, `group ${group.GroupName}`));
    for (const role of page.RoleDetailList ?? [])
      found.push({
        kind: 'role',
        name: role.RoleName ?? '',
        arn: role.Arn ?? '',
        id: role.RoleId ?? '',
        trustPolicy: text(role.AssumeRolePolicyDocument),
        inline: inline(role.RolePolicyList, `role ${role.RoleName}`),
        attached: arns(role.AttachedManagedPolicies),
        groups: [],
        boundary: role.PermissionsBoundary?.PermissionsBoundaryArn,
      });
    for (const user of page.UserDetailList ?? [])
      found.push({
        kind: 'user',
        name: user.UserName ?? '',
        arn: user.Arn ?? '',
        id: user.UserId ?? '',
        trustPolicy: undefined,
        inline: inline(user.UserPolicyList, `user ${user.UserName}`),
        attached: arns(user.AttachedManagedPolicies),
        groups: user.GroupList ?? [],
        boundary: user.PermissionsBoundary?.PermissionsBoundaryArn,
      });
  }
  const document = (arn: string) => ({ name: arn, document: managed.get(arn) ?? '' });
  return found.map(({ inline: own, attached, groups: of, boundary, ...rest }) => ({
    ...rest,
    policies: {
      identity: [...own, ...attached.map(document), ...of.flatMap((name) => groups.get(name) ?? [])].filter(
        ({ document: each }) => each !== '',
      ),
      ...(boundary === undefined ? {} : { boundary: document(boundary) }),
    },
  }));
}

interface Attached {
  readonly inline: Candidate['policies']['identity'];
  readonly attached: readonly string[];
  readonly groups: readonly string[];
  readonly boundary: string | undefined;
}

function inline(policies: readonly PolicyDetail[] | undefined, holder: string) {
  return (policies ?? []).map(({ PolicyName, PolicyDocument }) => ({
    name: `inline policy ${PolicyName} of ${holder}`,
    document: text(PolicyDocument) ?? '',
  }));
}

function arns(attached: readonly { PolicyArn?: string | undefined }[] | undefined): string[] {
  return (attached ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []);
}

function defaultVersion({ PolicyVersionList = [] }: ManagedPolicyDetail): string {
  return text(PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion)?.Document) ?? '';
}

/** IAM percent-encodes documents, moto does not always: one that is an object begins with a brace. */
function text(answered: string | undefined): string | undefined {
  if (answered === undefined) return undefined;
  return /^\s*\{/.test(answered) ? answered : decodeURIComponent(answered);
}
