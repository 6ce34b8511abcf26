import {
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  type IAMClient,
  NoSuchEntityException,
  paginateListAttachedGroupPolicies,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListGroupPolicies,
  paginateListGroupsForUser,
  paginateListRolePolicies,
  paginateListUserPolicies,
  type Role,
  type User,
} from '@aws-sdk/client-iam';
import type { Caller } from '../../modules/iam/caller';
import type { NamedPolicy, PolicySet } from '../../modules/iam/policy-set';
import { iamParts } from '../../modules/names/arn';

/** A permissions boundary or a session policy that is gone must not widen what is allowed. */
const nothing = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';

/**
 * The policies of a caller as they stand in IAM now. A role or user that was deleted, or deleted and made again under
 * the same name, has none: its old credentials are worth nothing in IAM either.
 * @throws what the SDK throws, if IAM cannot be asked.
 */
export async function policiesOf(caller: Caller, iam: IAMClient): Promise<PolicySet> {
  const [own, session] = await Promise.all([
    caller.kind === 'assumed-role' ? rolePolicies(caller, iam) : userPolicies(caller, iam),
    sessionPolicies(caller, iam),
  ]);
  return { ...own, ...(session.length > 0 ? { session } : {}) };
}

type OwnPolicies = Pick<PolicySet, 'identity' | 'boundary'>;

async function rolePolicies(caller: Caller, iam: IAMClient): Promise<OwnPolicies> {
  const RoleName = caller.name;
  const role = await unlessGone(async () => (await iam.send(new GetRoleCommand({ RoleName }))).Role);
  // An assumed role's user id is `<role id>:<session name>`.
  if (!role || !isSame(caller, role.Arn, role.RoleId, caller.userId.split(':')[0])) return { identity: [] };
  const [attached, inline, boundary] = await Promise.all([
    all(
      paginateListAttachedRolePolicies({ client: iam }, { RoleName }),
      (page) => page.AttachedPolicies,
    ).then((policies) => managedPolicies(policies, iam)),
    all(paginateListRolePolicies({ client: iam }, { RoleName }), (page) => page.PolicyNames).then((names) =>
      inlinePolicies(names, `role ${RoleName}`, async (PolicyName) => {
        return (await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))).PolicyDocument;
      }),
    ),
    boundaryOf(role, iam),
  ]);
  return { identity: [...attached, ...inline], ...boundary };
}

async function userPolicies(caller: Caller, iam: IAMClient): Promise<OwnPolicies> {
  const UserName = caller.name;
  const user = await unlessGone(async () => (await iam.send(new GetUserCommand({ UserName }))).User);
  // A federated user acts with the policies of the user who asked for the token, under an id of its own.
  const id = caller.arn.includes(':federated-user/') ? user?.UserId : caller.userId;
  if (!user || !isSame(caller, user.Arn, user.UserId, id)) return { identity: [] };
  const [attached, inline, groups, boundary] = await Promise.all([
    all(
      paginateListAttachedUserPolicies({ client: iam }, { UserName }),
      (page) => page.AttachedPolicies,
    ).then((policies) => managedPolicies(policies, iam)),
    all(paginateListUserPolicies({ client: iam }, { UserName }), (page) => page.PolicyNames).then((names) =>
      inlinePolicies(names, `user ${UserName}`, async (PolicyName) => {
        return (await iam.send(new GetUserPolicyCommand({ UserName, PolicyName }))).PolicyDocument;
      }),
    ),
    all(paginateListGroupsForUser({ client: iam }, { UserName }), (page) => page.Groups).then((groups) =>
      Promise.all(groups.map((group) => groupPolicies(group.GroupName ?? '', iam))),
    ),
    boundaryOf(user, iam),
  ]);
  return { identity: [...attached, ...inline, ...groups.flat()], ...boundary };
}

async function groupPolicies(GroupName: string, iam: IAMClient): Promise<NamedPolicy[]> {
  const [attached, names] = await Promise.all([
    all(paginateListAttachedGroupPolicies({ client: iam }, { GroupName }), (page) => page.AttachedPolicies),
    all(paginateListGroupPolicies({ client: iam }, { GroupName }), (page) => page.PolicyNames),
  ]);
  const [managed, inline] = await Promise.all([
    managedPolicies(attached, iam),
    inlinePolicies(names, `group ${GroupName}`, async (PolicyName) => {
      return (await iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName }))).PolicyDocument;
    }),
  ]);
  return [...managed, ...inline];
}

async function boundaryOf(principal: Role | User, iam: IAMClient): Promise<Pick<PolicySet, 'boundary'>> {
  const arn = principal.PermissionsBoundary?.PermissionsBoundaryArn;
  return arn ? { boundary: { name: arn, document: (await managedDocument(arn, iam)) ?? nothing } } : {};
}

async function sessionPolicies(caller: Caller, iam: IAMClient): Promise<NamedPolicy[]> {
  const inline = caller.sessionPolicies.map((document) => ({ name: 'inline session policy', document }));
  const managed = caller.sessionPolicyArns.map(async (arn) => ({
    name: arn,
    document: (await managedDocument(arn, iam)) ?? nothing,
  }));
  return [...inline, ...(await Promise.all(managed))];
}

/** The account counts, too: a role of the same name in another account is another role. */
function isSame(
  caller: Caller,
  arn: string | undefined,
  id: string | undefined,
  expectedId: string | undefined,
): boolean {
  return iamParts(arn ?? '')?.account === caller.account && id !== undefined && id === expectedId;
}

async function managedPolicies(
  attached: readonly { PolicyArn?: string | undefined }[],
  iam: IAMClient,
): Promise<NamedPolicy[]> {
  const policies = attached.map(async ({ PolicyArn = '' }) => {
    const document = await managedDocument(PolicyArn, iam);
    return document === undefined ? [] : [{ name: PolicyArn, document }];
  });
  return (await Promise.all(policies)).flat();
}

/** The document of the version that is in force; undefined: the policy is gone. */
async function managedDocument(PolicyArn: string, iam: IAMClient): Promise<string | undefined> {
  return unlessGone(async () => {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
    const VersionId = Policy?.DefaultVersionId;
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
    return documentText(PolicyVersion?.Document);
  });
}

async function inlinePolicies(
  names: readonly string[],
  holder: string,
  read: (policyName: string) => Promise<string | undefined>,
): Promise<NamedPolicy[]> {
  const policies = names.map(async (policyName) => {
    const document = await unlessGone(async () => documentText(await read(policyName)));
    return document === undefined ? [] : [{ name: `inline policy ${policyName} of ${holder}`, document }];
  });
  return (await Promise.all(policies)).flat();
}

/**
 * IAM answers with a percent-encoded document (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html);
 * moto's GetPolicyVersion with a plain one, in which a % is a %. A document that is an object begins with a brace.
 */
function documentText(answered: string | undefined): string {
  if (answered === undefined) throw new Error('IAM answered without a policy document.');
  return /^\s*\{/.test(answered) ? answered : decodeURIComponent(answered);
}

async function all<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => Item[] | undefined,
): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const page of pages) collected.push(...(items(page) ?? []));
  return collected;
}

/** What was deleted between two questions is as if it had never been there. */
async function unlessGone<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof NoSuchEntityException) return undefined;
    throw error;
  }
}
