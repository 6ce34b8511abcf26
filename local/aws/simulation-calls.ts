import type { Caller } from '../../modules/iam/caller';
import { type AccessRequest, type Decision, evaluate } from '../../modules/iam/evaluator/evaluate';
import type { NamedPolicy, PolicySet } from '../../modules/iam/policy-set';
import { iamParts, isAccount } from '../../modules/names/arn';
import {
  type Ask,
  type AwsAnswer,
  type AwsCall,
  elementText,
  errorAnswer,
  escapeXml,
  type Handler,
  listParameter,
} from './aws-protocol';

export interface SimulationRules {
  /** The policies of a role or a user as they stand in IAM. Absent: no principal can be simulated. */
  readonly policiesOf?: (principal: Caller) => Promise<PolicySet>;
  /** The service control policies of the account. None, or absent: the account is in no organization. */
  readonly serviceControlPolicies?: () => readonly NamedPolicy[];
}

/**
 * IAM's policy simulator, which moto does not have. The decision is this project's own evaluator's; so what it cannot judge
 * is not allowed. As in IAM, the request context holds what the call gives, and nothing of the principal by itself; session
 * policies are no part of it.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export function simulationHandlers(rules: SimulationRules): Record<string, Handler> {
  const principalPolicy: Handler = async (call, _forward, ask) => {
    const arn = call.parameters.get('PolicySourceArn') ?? '';
    const parts = iamParts(arn);
    if (!parts || !isAccount(parts) || (parts.type !== 'role' && parts.type !== 'user')) {
      const what =
        'Local Aurora simulates the policies of roles and users; a session is simulated as its role.';
      return errorAnswer(call, 400, 'InvalidInput', `Invalid Entity Arn: ${arn}. ${what}`);
    }
    const principal = await principalOf(arn, parts.type, parts.name, parts.account, ask);
    if (!principal || !rules.policiesOf)
      return errorAnswer(
        call,
        404,
        'NoSuchEntity',
        `The ${parts.type} with name ${parts.name} cannot be found.`,
      );
    return simulation(call, await rules.policiesOf(principal), rules);
  };
  return {
    'iam:SimulatePrincipalPolicy': principalPolicy,
    'iam:SimulateCustomPolicy': async (call) => simulation(call, { identity: [] }, {}),
  };
}

/** As whoever holds its credentials. undefined: there is none of that ARN. */
async function principalOf(
  arn: string,
  type: 'role' | 'user',
  path: string,
  account: string,
  ask: Ask,
): Promise<Caller | undefined> {
  const name = path.split('/').at(-1) ?? '';
  const [action, parameter, idElement] =
    type === 'role' ? ['GetRole', 'RoleName', 'RoleId'] : ['GetUser', 'UserName', 'UserId'];
  const answer = await ask('iam', action, { [parameter]: name, Version: '2010-05-08' }, { account });
  const xml = answer.body.toString();
  const id = elementText(xml, idElement);
  if (answer.status !== 200 || !id || elementText(xml, 'Arn') !== arn) return undefined;
  return {
    kind: type === 'role' ? 'assumed-role' : 'user',
    arn,
    principalArn: arn,
    account,
    name,
    userId: type === 'role' ? `${id}:simulation` : id,
    sessionPolicies: [],
    sessionPolicyArns: [],
  };
}

function simulation(
  call: AwsCall,
  own: PolicySet,
  { serviceControlPolicies }: Pick<SimulationRules, 'serviceControlPolicies'>,
): AwsAnswer {
  const { parameters } = call;
  const given = named(parameters, 'PolicyInputList');
  const [boundary = own.boundary] = named(parameters, 'PermissionsBoundaryPolicyInputList');
  const policies = { identity: [...own.identity, ...given], ...(boundary ? { boundary } : {}) };
  const actions = listParameter(parameters, 'ActionNames');
  const resources = listParameter(parameters, 'ResourceArns');
  if (actions.length === 0) return errorAnswer(call, 400, 'ValidationError', 'ActionNames is required.');
  const context = contextEntries(parameters);
  const organization = serviceControlPolicies?.() ?? [];
  const results = actions.flatMap((action) =>
    (resources.length === 0 ? ['*'] : resources).map((resource) =>
      result({ action, resource, context }, policies, organization),
    ),
  );
  const xml =
    `<${call.action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${call.action}Result>` +
    `<IsTruncated>false</IsTruncated><EvaluationResults>${results.join('')}</EvaluationResults>` +
    `</${call.action}Result><ResponseMetadata><RequestId>local-aurora</RequestId></ResponseMetadata></${call.action}Response>`;
  return { status: 200, rawHeaders: ['Content-Type', 'text/xml'], body: Buffer.from(xml) };
}

/** One `member` of EvaluationResults. */
function result(request: AccessRequest, policies: PolicySet, organization: readonly NamedPolicy[]): string {
  const own = evaluate(request, policies);
  const decision = organization.length === 0 ? own : joined(own, organizationDecision(request, organization));
  const matched = matchedPolicies(request, policies, decision)
    .map(
      (policy) =>
        `<member>${element('SourcePolicyId', policy)}${element('SourcePolicyType', 'IAM Policy')}</member>`,
    )
    .join('');
  const missing = missingKeys(policies, request)
    .map((key) => element('member', key))
    .join('');
  const boundary = policies.boundary && evaluate(request, { identity: [policies.boundary] });
  const details = [
    ...(boundary
      ? [detail('PermissionsBoundaryDecisionDetail', 'AllowedByPermissionsBoundary', boundary.allowed)]
      : []),
    ...(organization.length > 0
      ? [
          detail(
            'OrganizationsDecisionDetail',
            'AllowedByOrganizations',
            organizationDecision(request, organization).allowed,
          ),
        ]
      : []),
  ];
  return (
    `<member>${element('EvalActionName', request.action)}${element('EvalResourceName', request.resource)}` +
    `${element('EvalDecision', decisionName(decision))}<MatchedStatements>${matched}</MatchedStatements>` +
    `<MissingContextValues>${missing}</MissingContextValues>${details.join('')}</member>`
  );
}

/** What the organization allows the account: at least one of its policies must allow, and none deny. */
export function organizationDecision(
  request: AccessRequest,
  serviceControlPolicies: readonly NamedPolicy[],
): Decision {
  const decision = evaluate(request, { identity: serviceControlPolicies });
  return decision.allowed
    ? decision
    : { ...decision, reason: `a service control policy of the account: ${decision.reason}` };
}

/** Both must allow; an explicit Deny of either decides. */
function joined(own: Decision, organization: Decision): Decision {
  const refusals = [own, organization].filter(({ allowed }) => !allowed);
  return refusals.find((each) => decisionName(each) === 'explicitDeny') ?? refusals[0] ?? own;
}

function decisionName({ allowed, decidedBy }: Decision): 'allowed' | 'explicitDeny' | 'implicitDeny' {
  if (allowed) return 'allowed';
  return decidedBy?.statement.Effect === 'Deny' ? 'explicitDeny' : 'implicitDeny';
}

/** The policies that decide: of a Deny that one alone; of an Allow each that allows. Those of the organization are not told. */
function matchedPolicies(request: AccessRequest, policies: PolicySet, decision: Decision): string[] {
  const known = [...policies.identity, ...(policies.boundary ? [policies.boundary] : [])];
  const deciding =
    decisionName(decision) === 'explicitDeny'
      ? known.filter(({ name }) => name === decision.decidedBy?.policy)
      : decision.allowed
        ? known.filter((policy) => evaluate(request, { identity: [policy] }).allowed)
        : [];
  return deciding.map(({ name }) => sourcePolicyId(name));
}

/** `<policy>` of a managed policy, `role_<role>_<policy>` of an inline one, as IAM names them. */
function sourcePolicyId(name: string): string {
  const inline = /^inline policy (\S+) of (\w+) (\S+)$/.exec(name);
  return inline ? `${inline[2]}_${inline[3]}_${inline[1]}` : (name.split('/').at(-1) ?? name);
}

/** Condition keys and policy variables of the policies for which the call gives no value. */
function missingKeys(policies: PolicySet, { context }: AccessRequest): string[] {
  const given = new Set(Object.keys(context).map((key) => key.toLowerCase()));
  const documents = [...policies.identity, ...(policies.boundary ? [policies.boundary] : [])];
  const keys = documents.flatMap(({ document }) => keysIn(document));
  return [...new Set(keys)].filter((key) => !given.has(key.toLowerCase()));
}

function keysIn(document: string): string[] {
  const variables = [...document.matchAll(/\$\{([A-Za-z0-9-]+:[^}",]+)[^}]*\}/g)].map(([, key = '']) => key);
  try {
    const statements = [(JSON.parse(document) as { Statement?: unknown }).Statement ?? []].flat();
    const conditions = statements.flatMap((each) =>
      Object.values((each as { Condition?: Record<string, object> }).Condition ?? {}).flatMap(Object.keys),
    );
    return [...conditions, ...variables];
  } catch {
    // The decision says that the document is malformed.
    return variables;
  }
}

function named(parameters: URLSearchParams, list: string): NamedPolicy[] {
  return listParameter(parameters, list).map((document, index) => ({
    name: `${list}.${index + 1}`,
    document,
  }));
}

function contextEntries(parameters: URLSearchParams): Record<string, string[]> {
  const names = listParameter(parameters, 'ContextEntries', 'ContextKeyName');
  return Object.fromEntries(
    names.map((name, index) => [
      name,
      listParameter(parameters, `ContextEntries.member.${index + 1}.ContextKeyValues`),
    ]),
  );
}

function detail(name: string, field: string, value: boolean): string {
  return `<${name}>${element(field, String(value))}</${name}>`;
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}
