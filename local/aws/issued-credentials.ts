import { randomBytes } from 'node:crypto';
import type { Caller, IssuedCredentials } from '../../modules/iam/caller';
import { iamParts, sessionParts } from '../../modules/names/arn';
import { type AwsCall, elementText, innerXml, listParameter, withElementText } from './aws-protocol';

/** A session without any permission: what GetFederationToken gives if it is asked for without a session policy. */
const noPermission = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';

/** What AssumeRole, AssumeRoleWithWebIdentity or AssumeRoleWithSAML handed out; undefined: the answer is not readable. */
export function assumedRoleCredentials(call: AwsCall, xml: string): IssuedCredentials | undefined {
  const user = innerXml(xml, 'AssumedRoleUser') ?? '';
  const arn = elementText(user, 'Arn');
  const userId = elementText(user, 'AssumedRoleId');
  const { account, role: name } = sessionParts(arn ?? '') ?? {};
  if (!arn || !userId || !account || !name) return undefined;
  return temporaryCredentials(xml, {
    kind: 'assumed-role',
    arn,
    account,
    principalArn: call.parameters.get('RoleArn') ?? '',
    name,
    userId,
    saml: samlName(call, xml),
    ...sessionPolicies(call),
  });
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html */
function samlName({ action }: AwsCall, xml: string): NonNullable<Caller['saml']> {
  const [sub, subType] = [elementText(xml, 'Subject'), elementText(xml, 'SubjectType')];
  return action === 'AssumeRoleWithSAML' && sub && subType ? { sub, subType } : 'none';
}

/** What GetSessionToken handed out: the user's own permissions, for a while. */
export function sessionTokenCredentials(xml: string, user: Caller): IssuedCredentials | undefined {
  return temporaryCredentials(xml, user);
}

/**
 * What GetFederationToken handed out: the user's permissions, cut down to the session policies.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
 */
export function federationTokenCredentials(
  call: AwsCall,
  xml: string,
  user: Caller,
): IssuedCredentials | undefined {
  const federated = innerXml(xml, 'FederatedUser') ?? '';
  const arn = elementText(federated, 'Arn');
  const userId = elementText(federated, 'FederatedUserId');
  if (!arn || !userId) return undefined;
  const given = sessionPolicies(call);
  const none = given.sessionPolicies.length + given.sessionPolicyArns.length === 0;
  const policies = none ? { ...given, sessionPolicies: [noPermission] } : given;
  return temporaryCredentials(xml, { ...user, arn, principalArn: arn, userId, ...policies });
}

/** What CreateAccessKey handed out to a user, whom GetUser described. */
export function accessKeyCredentials(xml: string, getUserXml: string): IssuedCredentials | undefined {
  const accessKeyId = elementText(xml, 'AccessKeyId');
  const secretAccessKey = elementText(xml, 'SecretAccessKey');
  const arn = elementText(getUserXml, 'Arn');
  const userId = elementText(getUserXml, 'UserId');
  const name = elementText(getUserXml, 'UserName');
  const account = iamParts(arn ?? '')?.account;
  if (!accessKeyId || !secretAccessKey || !arn || !userId || !name || !account) return undefined;
  const caller: Caller = {
    kind: 'user',
    arn,
    account,
    principalArn: arn,
    name,
    userId,
    sessionPolicies: [],
    sessionPolicyArns: [],
  };
  return { accessKeyId, secretAccessKey, caller };
}

/** The answer with credentials of its own: moto's GetSessionToken and GetFederationToken give everybody the same. */
export function withFreshCredentials(xml: string): string {
  const fresh = {
    AccessKeyId: `ASIA${base32(16)}`,
    SecretAccessKey: randomBytes(30).toString('base64'),
    SessionToken: randomBytes(180).toString('base64'),
  };
  return Object.entries(fresh).reduce((text, [name, value]) => withElementText(text, name, value), xml);
}

function temporaryCredentials(xml: string, caller: Caller): IssuedCredentials | undefined {
  const credentials = innerXml(xml, 'Credentials') ?? '';
  const accessKeyId = elementText(credentials, 'AccessKeyId');
  const secretAccessKey = elementText(credentials, 'SecretAccessKey');
  const sessionToken = elementText(credentials, 'SessionToken');
  const expiration = new Date(elementText(credentials, 'Expiration') ?? '');
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiration.getTime()))
    return undefined;
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiration,
    caller: { ...caller, issuedAt: new Date() },
  };
}

function sessionPolicies({ parameters }: AwsCall): Pick<Caller, 'sessionPolicies' | 'sessionPolicyArns'> {
  const policy = parameters.get('Policy');
  return {
    sessionPolicies: policy ? [policy] : [],
    sessionPolicyArns: listParameter(parameters, 'PolicyArns', 'arn'),
  };
}

/** The alphabet of access key ids. */
function base32(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(randomBytes(length), (byte) => alphabet[byte % 32]).join('');
}
