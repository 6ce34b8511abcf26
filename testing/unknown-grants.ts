import type { Block, SynthesizedStack } from '../planning/stand-ins';
import { referencesOf } from './references';
import { CannotJudgeError, renderTemplate, type TerraformValue } from './terraform-expressions';

/** What `synthesized-policies.ts` reads; anything else that gives somebody a policy cannot be judged. */
const READ =
  /^aws_iam_(policy|policy_attachment|(role|user|group)(_policy|_policy_attachment)?|user_group_membership|group_membership)$/;

/** Types of IAM that give nobody a policy of the account's own. */
const WITHOUT_POLICIES =
  /^aws_iam_(access_key|account_alias|account_password_policy|instance_profile|openid_connect_provider|organizations_features|saml_provider|security_token_service_preferences|server_certificate|service_linked_role|service_specific_credential|signing_certificate|user_login_profile|user_ssh_key|virtual_mfa_device)$/;

/** Types that give policies to somebody, or make whatever a template says. */
const GIVES_POLICIES =
  /^(aws_iam_.*|aws_(ssoadmin|cloudformation|servicecatalog)_.*|aws_serverlessapplicationrepository_.*|awscc_(iam|sso|cloudformation|servicecatalog)_.*)$/;

/** How deep texts of JSON within texts of JSON are followed. */
const DEEPEST = 30;

/**
 * Refuses a stack in which somebody may get a policy in a way that is not read: not to see it would be to say that it
 * allows nothing. Policies of resources name a Principal, and none can allow rds-db:connect.
 * @throws CannotJudgeError
 */
export function refuseUnknownGrants(stack: SynthesizedStack): void {
  for (const [id, block] of Object.entries(stack.module ?? {}))
    refuse(`module.${id}`, whyUnknown(block, stack) ?? namesIdentity(block));
  for (const [type, blocks] of Object.entries(stack.resource ?? {}))
    for (const [id, block] of Object.entries(blocks)) {
      const where = `${type}.${id}`;
      if (READ.test(type)) {
        for (const repeated of ['count', 'for_each', 'dynamic'])
          if (repeated in block) refuse(where, `it has ${repeated}`);
      } else if (GIVES_POLICIES.test(type) && !WITHOUT_POLICIES.test(type))
        refuse(where, whyUnknown(block, stack) ?? 'what such a resource lets somebody do is not read');
      else refuse(where, whyUnknown(block, stack));
    }
}

function refuse(where: string, why: string | undefined): void {
  if (why !== undefined) throw new CannotJudgeError(`cannot judge ${where}: ${why}`);
}

const MENTION = 'it mentions rds-db, and who gets it is not known';
const POLICY = 'it holds a policy, and who gets it is not known';

/** Why whatever a block makes may let somebody do something; undefined: nothing in it looks so. */
function whyUnknown(block: Block, stack: SynthesizedStack): string | undefined {
  const followed = new Set<string>();

  const inValue = (value: unknown, depth: number): string | undefined => {
    if (depth > DEEPEST) return 'it is nested too deeply to be read';
    if (typeof value === 'string') return inText(value, depth);
    if (typeof value !== 'object' || value === null) return undefined;
    if (isPolicyOfIdentity(value)) return POLICY;
    return first(Object.values(value), (each) => inValue(each, depth + 1));
  };

  const inText = (text: string, depth: number): string | undefined => {
    if (/rds-db:/i.test(text)) return MENTION;
    const policy = /arn:[a-z*-]*:iam::(?:aws|\d*|\*):policy\/[^\s"',)}]*/i.exec(text)?.[0];
    if (policy !== undefined) return `it mentions the policy ${policy}, and who gets it is not known`;
    return inReferences(text, depth) ?? inDocument(text, depth);
  };

  const inReferences = (text: string, depth: number): string | undefined => {
    for (const [, id = ''] of text.matchAll(/\bdata\.aws_iam_policy_document\.([\w-]+)/g))
      if (!isOfResource(stack.data?.['aws_iam_policy_document']?.[id])) return POLICY;
    const given = /(?<![\w.-])(?:data\.)?aws_iam_policy\.[\w-]+\.\w+/.exec(text)?.[0];
    if (given !== undefined) return `it is given ${given}, and what it does with it is not known`;
    return first([...text.matchAll(/\blocal\.([\w-]+)/g)], ([, name = '']) => {
      if (followed.has(name)) return undefined;
      followed.add(name);
      return inValue(stack.locals?.[name], depth + 1);
    });
  };

  const inDocument = (text: string, depth: number): string | undefined => {
    if (!/statement/i.test(text) || !/effect/i.test(text)) return undefined;
    const parsed = json(text) ?? json(rendered(text, stack));
    return parsed === undefined
      ? 'it holds what looks like a policy and cannot be read'
      : inValue(parsed, depth + 1);
  };

  return inValue(block, 0);
}

/** A module is not looked into: it may give something to every identity it is given. */
function namesIdentity(block: Block): string | undefined {
  return /\baws_iam_(role|user|group)\.|:(role|user|group)\//.test(JSON.stringify(block))
    ? 'it is given an IAM identity, and what it makes is not seen'
    : undefined;
}

/** JSON's spelling or Terraform's, at whatever place: statements with an effect, and one that names no principal. */
function isPolicyOfIdentity(value: object): boolean {
  const statements = [property(value, 'statement') ?? []].flat() as unknown[];
  const withEffect = statements.some((each) => property(each, 'effect') !== undefined);
  return withEffect && !statements.every(hasPrincipal);
}

function hasPrincipal(statement: unknown): boolean {
  return ['principal', 'notprincipal', 'principals', 'not_principals'].some(
    (name) => property(statement, name) !== undefined,
  );
}

/** A data source of this stack whose statements, its own and no others, all name principals. */
function isOfResource(block: Block | undefined): boolean {
  if (!block) return false;
  const elsewhere = Object.keys(block).some((name) => /_policy_documents$|_json$|^dynamic$/.test(name));
  const statements = [block['statement'] ?? []].flat();
  return !elsewhere && statements.length > 0 && statements.every(hasPrincipal);
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** With a placeholder for every reference that has no stand-in: only the shape is looked at. */
function rendered(text: string, stack: SynthesizedStack): string {
  const resolve = referencesOf(stack);
  const orPlaceholder = (path: readonly string[]): TerraformValue => {
    try {
      return resolve(path) ?? 'placeholder';
    } catch {
      return 'placeholder';
    }
  };
  try {
    return renderTemplate(text, orPlaceholder);
  } catch (error) {
    if (error instanceof CannotJudgeError) return '';
    throw error;
  }
}

function json(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function first<T>(values: readonly T[], reason: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = reason(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
