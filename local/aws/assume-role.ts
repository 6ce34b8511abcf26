import { type Caller, clockKeys, contextOf, type IssuedCredentials } from '../../modules/iam/caller';
import type { RequestKeys } from '../../modules/iam/evaluator/request-context';
import { type AccountIdentity, type AssumeRequest, mayAssume } from '../../modules/iam/judge-trust';
import { iamParts, isAccount, oidcProviderArn, rootArn } from '../../modules/names/arn';
import type { Account } from '../../modules/names/place';
import { oneLine } from '../../modules/names/text';
import type { RunLog } from '../run-log';
import {
  type Ask,
  type AwsAnswer,
  type AwsCall,
  elementText,
  errorAnswer,
  type Handler,
  innerXml,
  unescapeXml,
  withElementText,
} from './aws-protocol';
import type { CredentialLedger } from './credential-ledger';
import { assumedRoleCredentials } from './issued-credentials';
import type { OidcIssuer } from './oidc-issuer';

/** What decides, beside a role's trust policy, whether somebody may assume the role. */
export interface AssumeRules {
  /** Absent: no web identity is known. */
  readonly issuer?: Pick<OidcIssuer, 'verifyToken'>;
  /**
   * Whether the caller's own policies let it call `sts:AssumeRole` on a role. `named`: the role's trust policy names
   * the caller, which is as good as an identity policy that allows it.
   * Absent: whoever is known may assume no role; only the owner of the account may.
   */
  readonly mayCallAssumeRole?: (
    caller: Caller,
    roleArn: string,
    named: boolean,
  ) => Promise<{ readonly allowed: boolean; readonly reason: string }>;
  /** 12 digits: whose owner everybody is who signs with keys that were never handed out. @default moto's own */
  readonly account?: string;
}

/** The account of whoever signs with keys that moto does not know: https://docs.getmoto.org/en/latest/docs/multi_account.html */
export const MOTO_ACCOUNT = '123456789012';

/** What the calls work with. */
export interface IdentityScene {
  readonly ledger: CredentialLedger;
  readonly log: RunLog;
  readonly rules: AssumeRules;
}

/** Writes down what an answer handed out. */
export function note(
  { ledger, log }: IdentityScene,
  call: AwsCall,
  issued: IssuedCredentials | undefined,
): void {
  if (issued) ledger.note(issued);
  else
    log.write(
      'aws',
      `The answer to ${call.action} was not understood: no token of its credentials is accepted.`,
    );
}

/** Refuses with what STS says, and logs the true reason, which STS keeps to itself. */
function refuse(
  { log }: IdentityScene,
  call: AwsCall,
  status: number,
  code: string,
  message: string,
  reason: string,
): AwsAnswer {
  log.write('aws', `${call.action} refused: ${oneLine(reason)}`);
  return errorAnswer(call, status, code, message);
}

function noSuchRole(scene: IdentityScene, call: AwsCall): AwsAnswer {
  const roleArn = call.parameters.get('RoleArn') ?? '';
  const message = `Not authorized to perform sts:${call.action} on resource ${roleArn}: there is no such role.`;
  return refuse(scene, call, 403, 'AccessDenied', message, `there is no role ${roleArn}`);
}

function notTrusted(scene: IdentityScene, call: AwsCall, reason: string): AwsAnswer {
  const message = `Not authorized to perform sts:${call.action}`;
  return refuse(scene, call, 403, 'AccessDenied', message, `${call.parameters.get('RoleArn')}: ${reason}`);
}

/** Hands out a session of the role. The caller has been judged. */
async function session(
  scene: IdentityScene,
  call: AwsCall,
  role: RoleInIam,
  forward: () => Promise<AwsAnswer>,
): Promise<AwsAnswer> {
  const answer = await forward();
  if (answer.status !== 200) return answer;
  const name = elementText(answer.body.toString(), 'AssumedRoleId')?.split(':')[1];
  // AssumeRoleWithWebIdentity of moto names the same role id for every role.
  const xml = name
    ? withElementText(answer.body.toString(), 'AssumedRoleId', `${role.id}:${name}`)
    : answer.body.toString();
  note(scene, call, assumedRoleCredentials(call, xml));
  return { ...answer, body: Buffer.from(xml) };
}

export function assumeRole(scene: IdentityScene): Handler {
  return async (call, forward, ask) => {
    const role = await roleOf(call, ask);
    // moto hands out credentials of roles that do not exist.
    if (!role) return noSuchRole(scene, call);
    const signer = scene.ledger.find(call.accessKeyId ?? '');
    if (signer?.expiration && signer.expiration <= new Date()) {
      const message = 'The security token included in the request is expired';
      return refuse(
        scene,
        call,
        403,
        'ExpiredToken',
        message,
        `the credentials of ${signer.caller.arn} are expired`,
      );
    }
    const owner = scene.rules.account ?? MOTO_ACCOUNT;
    const by: AccountIdentity = signer
      ? {
          partition: role.partition,
          account: signer.caller.account,
          arns: [signer.caller.principalArn, signer.caller.arn],
        }
      : {
          partition: role.partition,
          account: owner,
          arns: [rootArn({ partition: role.partition, account: owner })],
        };
    const keys = {
      ...sessionKeys(call),
      'sts:ExternalId': call.parameters.get('ExternalId') ?? undefined,
    };
    const now = new Date();
    const context: RequestKeys = signer
      ? contextOf(signer.caller, now)
      : {
          ...clockKeys(now),
          'aws:PrincipalAccount': by.account,
          'aws:PrincipalArn': by.arns[0] ?? '',
        };
    const denied = (reason: string) => {
      const message = `User: ${signer?.caller.arn ?? by.arns[0]} is not authorized to perform: sts:AssumeRole on resource: ${role.arn}`;
      return refuse(scene, call, 403, 'AccessDenied', message, `${role.arn}: ${reason}`);
    };
    const trust = mayAssume({ action: 'sts:AssumeRole', by, keys, context }, role.trustPolicy);
    if (!trust.allowed) return denied(trust.reason);
    if (signer) {
      // "Add the user as a principal directly in the role's trust policy" is enough within one account only:
      // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
      const named = trust.named && signer.caller.account === role.account;
      const own = await scene.rules.mayCallAssumeRole?.(signer.caller, role.arn, named);
      if (!own?.allowed) return denied(own?.reason ?? 'the policies of the caller cannot be looked up');
    }
    return session(scene, call, role, forward);
  };
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
export function assumeRoleWithWebIdentity(scene: IdentityScene): Handler {
  return async (call, forward, ask) => {
    const invalid = (message: string, reason = message) =>
      refuse(scene, call, 400, 'InvalidIdentityToken', message, reason);
    const verified = scene.rules.issuer?.verifyToken(
      call.parameters.get('WebIdentityToken') ?? '',
      new Date(),
    );
    if (!verified) return invalid('No identity provider is known here');
    if ('fault' in verified) {
      return verified.fault === 'expired'
        ? refuse(
            scene,
            call,
            400,
            'ExpiredTokenException',
            'The web identity token is expired',
            verified.reason,
          )
        : invalid('The web identity token cannot be accepted', verified.reason);
    }
    const role = await roleOf(call, ask);
    if (!role) return noSuchRole(scene, call);
    const { iss, sub, aud } = verified.claims;
    const issuer = iss.slice('https://'.length);
    const provider = oidcProviderArn(role, issuer);
    const audiences = await audiencesOf(provider, role.account, ask);
    if (!audiences) return invalid(`No OpenIDConnect provider found in your account for ${iss}`);
    if (!audiences.includes(aud)) return invalid('Incorrect token audience', `${provider}: not for ${aud}`);
    const keys = { ...sessionKeys(call), [`${issuer}:sub`]: sub, [`${issuer}:aud`]: aud };
    const request: AssumeRequest = {
      action: 'sts:AssumeRoleWithWebIdentity',
      by: { provider },
      keys,
      context: clockKeys(new Date()),
    };
    const { allowed, reason } = mayAssume(request, role.trustPolicy);
    if (!allowed) return notTrusted(scene, call, `${reason} (subject ${sub}, audience ${aud})`);
    return session(scene, call, role, forward);
  };
}

// The assertion is not verified: whoever names a provider that the role trusts is believed, the name of the person included.
export function assumeRoleWithSaml(scene: IdentityScene): Handler {
  return async (call, forward, ask) => {
    const role = await roleOf(call, ask);
    if (!role) return noSuchRole(scene, call);
    const request: AssumeRequest = {
      action: 'sts:AssumeRoleWithSAML',
      by: { provider: call.parameters.get('PrincipalArn') ?? '' },
      keys: {},
      context: clockKeys(new Date()),
    };
    const { allowed, reason } = mayAssume(request, role.trustPolicy);
    return allowed
      ? session(scene, call, role, async () => withSubject(call, await forward()))
      : notTrusted(scene, call, reason);
  };
}

/** moto answers with the id of the role, whoever the assertion names. */
function withSubject({ parameters }: AwsCall, answer: AwsAnswer): AwsAnswer {
  const assertion = Buffer.from(parameters.get('SAMLAssertion') ?? '', 'base64').toString();
  // The prefix of the namespace is the provider's choice.
  const [, format = '', name] = /<(?:\w+:)?NameID\b([^>]*)>([^<]+)</.exec(assertion) ?? [];
  if (name === undefined) return answer;
  const type = /:(persistent|transient)"/.exec(format)?.[1] ?? 'unspecified';
  const xml = withElementText(answer.body.toString(), 'Subject', unescapeXml(name.trim()));
  return { ...answer, body: Buffer.from(withElementText(xml, 'SubjectType', type)) };
}

interface RoleInIam extends Account {
  readonly arn: string;
  readonly id: string;
  /** JSON. */
  readonly trustPolicy: string;
}

/** The role that a call asks for, from its own account; undefined: there is no such role. */
async function roleOf(call: AwsCall, ask: Ask): Promise<RoleInIam | undefined> {
  const arn = call.parameters.get('RoleArn') ?? '';
  const parts = iamParts(arn);
  if (parts?.type !== 'role' || !isAccount(parts)) return undefined;
  const { partition, account, name } = parts;
  const parameters = { RoleName: name.split('/').at(-1) ?? '', Version: '2010-05-08' };
  const { status, body } = await ask('iam', 'GetRole', parameters, { account });
  const xml = body.toString();
  const id = elementText(xml, 'RoleId');
  if (status !== 200 || elementText(xml, 'Arn') !== arn || !id) return undefined;
  const document = elementText(xml, 'AssumeRolePolicyDocument') ?? '';
  // Percent-encoded, as IAM answers; a document that is an object begins with a brace.
  const trustPolicy = /^\s*\{/.test(document) ? document : decodeURIComponent(document);
  return { arn, id, partition, account, trustPolicy };
}

/** The audiences that an OIDC provider of the account is for; undefined: the account does not have it. */
async function audiencesOf(
  provider: string,
  account: string,
  ask: Ask,
): Promise<readonly string[] | undefined> {
  const parameters = { OpenIDConnectProviderArn: provider, Version: '2010-05-08' };
  const { status, body } = await ask('iam', 'GetOpenIDConnectProvider', parameters, { account });
  if (status !== 200) return undefined;
  const list = innerXml(body.toString(), 'ClientIDList') ?? '';
  return [...list.matchAll(/<member>[^<]*<\/member>/g)].map(
    ([member]) => elementText(member, 'member') ?? '',
  );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html */
function sessionKeys({ parameters }: AwsCall): Record<string, string | undefined> {
  return { 'sts:RoleSessionName': parameters.get('RoleSessionName') ?? undefined };
}
