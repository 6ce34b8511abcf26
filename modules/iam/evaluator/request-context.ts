import { CONNECT, isAction } from '../actions';

/** The families that condition operators are documented in; a key works with some of them only. */
export type OperatorFamily = 'String' | 'Numeric' | 'Date' | 'Arn';

export interface ConditionKey {
  readonly name: string;
  /** From "Works with …" of the key's documentation. */
  readonly worksWith: readonly OperatorFamily[];
  /** Part of every request: if the caller of the evaluator does not say its value, nothing can be concluded. */
  readonly inEveryRequest: boolean;
  /** Values of `aws:PrincipalType` whose requests all have the key. @default none, unless it is in every request */
  readonly inRequestsOf?: readonly string[];
  /** Part of the requests of sessions by SAML: where the caller of the evaluator says nothing, a session may be one. */
  readonly ofSaml?: true;
}

/**
 * The keys that can be judged, and no others: each follows from the credentials that signed a token, or from the
 * clock, so it means the same at an Aurora login as anywhere.
 * Left out on purpose: `aws:SecureTransport` (of which request? the token is signed without sending one),
 * `aws:MultiFactorAuthPresent` and `aws:FederatedProvider` (STS knows them, the session that it handed out does not show them),
 * `aws:PrincipalTag/…` and `aws:ResourceTag/…` (sources conflict on whether rds-db:connect has them), and all that
 * describes an HTTP request or a network, which a login does not have.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const CONDITION_KEYS: readonly ConditionKey[] = [
  // IAM users only: roles, federated users and the root user have none.
  { name: 'aws:username', worksWith: ['String'], inEveryRequest: false, inRequestsOf: ['User'] },
  { name: 'aws:userid', worksWith: ['String'], inEveryRequest: true },
  // Of an assumed role: the role's ARN, not the session's.
  { name: 'aws:PrincipalArn', worksWith: ['Arn', 'String'], inEveryRequest: true },
  { name: 'aws:PrincipalAccount', worksWith: ['String'], inEveryRequest: true },
  { name: 'aws:PrincipalType', worksWith: ['String'], inEveryRequest: true },
  { name: 'aws:CurrentTime', worksWith: ['Date'], inEveryRequest: true },
  { name: 'aws:EpochTime', worksWith: ['Date', 'Numeric'], inEveryRequest: true },
  // Temporary credentials only: a user may have long-term ones or not, and whoever asks says which.
  {
    name: 'aws:TokenIssueTime',
    worksWith: ['Date'],
    inEveryRequest: false,
    inRequestsOf: ['AssumedRole', 'FederatedUser'],
  },
  // Of sessions by SAML, IAM Identity Center included: people report that logins see them, and AWS does not document it.
  { name: 'saml:sub', worksWith: ['String'], inEveryRequest: false, ofSaml: true },
  { name: 'saml:sub_type', worksWith: ['String'], inEveryRequest: false, ofSaml: true },
];

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html (limitations) */
export const UNSUPPORTED_AT_LOGIN = [
  'aws:Referer',
  'aws:SourceIp',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:UserAgent',
  'aws:VpcSourceIp',
];

/** Names of context keys are not case-sensitive. */
export function conditionKey(name: string): ConditionKey | undefined {
  return CONDITION_KEYS.find((key) => key.name.toLowerCase() === name.toLowerCase());
}

/** Why a key that `conditionKey` does not have cannot be judged. */
export function whyNotJudged(name: string, action: string): string {
  const unsupported = UNSUPPORTED_AT_LOGIN.find((key) => key.toLowerCase() === name.toLowerCase());
  if (unsupported && isAction(action, CONNECT))
    return `the condition key ${unsupported} is not supported for ${CONNECT}`;
  return `what the condition key ${name} holds for ${action} is not known here`;
}

/** Key, in any case, to its value or values. None at all: the request surely does not have it. */
export type RequestKeys = Readonly<Record<string, string | readonly string[]>>;

/** What a request says about one key: its values (none: the key is not in the request context), or why it is not known. */
export type KeyValues = { readonly values: readonly string[] } | { readonly unknown: string };

export interface RequestContext {
  readonly action: string;
  /** `undefined`: what it holds is not known. */
  readonly keyOf: (name: string) => ConditionKey | undefined;
  readonly valuesOf: (key: ConditionKey) => KeyValues;
}

/**
 * @param furtherKeys that can be judged in this one request
 */
export function requestContext(
  action: string,
  context: RequestKeys,
  furtherKeys: readonly ConditionKey[] = [],
): RequestContext {
  const byName = new Map(
    Object.entries(context).map(([name, value]) => [name.toLowerCase(), [value].flat()]),
  );
  return {
    action,
    keyOf: (name) =>
      conditionKey(name) ?? furtherKeys.find((key) => key.name.toLowerCase() === name.toLowerCase()),
    valuesOf: (key) => {
      const given = byName.get(key.name.toLowerCase());
      const values = given ?? [];
      if (values.length === 0 && key.inEveryRequest)
        return { unknown: `every request has ${key.name}, but its value was not given` };
      const [type] = byName.get('aws:principaltype') ?? [];
      if (values.length === 0 && type !== undefined && key.inRequestsOf?.includes(type))
        return { unknown: `every request of type ${type} has ${key.name}, but its value was not given` };
      if (given === undefined && key.ofSaml && type !== 'User')
        return { unknown: `sessions by SAML have ${key.name}, and whether this is one is not known` };
      return { values };
    },
  };
}
