import type { RunLog } from '../run-log';
import {
  type AssumeRules,
  assumeRole,
  assumeRoleWithSaml,
  assumeRoleWithWebIdentity,
  type IdentityScene,
  note,
} from './assume-role';
import {
  type AwsAnswer,
  type AwsCall,
  elementText,
  errorAnswer,
  type Handler,
  withElementText,
} from './aws-protocol';
import type { CredentialLedger } from './credential-ledger';
import {
  accessKeyCredentials,
  federationTokenCredentials,
  sessionTokenCredentials,
  withFreshCredentials,
} from './issued-credentials';

/** The calls of STS and IAM that hand out credentials or take them back. */
export function identityHandlers(
  ledger: CredentialLedger,
  log: RunLog,
  rules: AssumeRules = {},
): Record<string, Handler> {
  const scene: IdentityScene = { ledger, log, rules };
  /** `read` makes the note of the answer for the user who asked. */
  const tokenOfUser =
    (read: typeof federationTokenCredentials): Handler =>
    async (call, forward) => {
      const signer = ledger.find(call.accessKeyId ?? '');
      if (signer?.sessionToken) {
        return errorAnswer(call, 403, 'AccessDenied', `Cannot call ${call.action} with session credentials`);
      }
      const answer = await forward();
      // The owner of the machine is no user of the account: the answer stays, but opens no database.
      if (!signer || answer.status !== 200) return answer;
      const xml = withFreshCredentials(answer.body.toString());
      note(scene, call, read(call, xml, signer.caller));
      return { ...answer, body: Buffer.from(xml) };
    };

  const callerIdentity: Handler = async (call, forward) => {
    const answer = await forward();
    const caller = ledger.find(call.accessKeyId ?? '')?.caller;
    if (!caller || answer.status !== 200) return answer;
    const known = { Arn: caller.arn, UserId: caller.userId, Account: caller.account };
    const xml = Object.entries(known).reduce(
      (text, [name, value]) => withElementText(text, name, value),
      answer.body.toString(),
    );
    return { ...answer, body: Buffer.from(xml) };
  };

  const createAccessKey: Handler = async (call, forward, ask) => {
    const answer = await forward();
    if (answer.status !== 200) return answer;
    const xml = answer.body.toString();
    const parameters = { UserName: elementText(xml, 'UserName') ?? '', Version: '2010-05-08' };
    const user = await ask('iam', 'GetUser', parameters);
    note(scene, call, accessKeyCredentials(xml, user.body.toString()));
    return answer;
  };

  const deleteAccessKey: Handler = async (call, forward) => {
    const answer = await forward();
    if (answer.status === 200) ledger.forget(call.parameters.get('AccessKeyId') ?? '');
    return answer;
  };

  const updateAccessKey: Handler = async (call, forward) => {
    const answer = await forward();
    const active = call.parameters.get('Status') === 'Active';
    if (answer.status === 200) ledger.setActive(call.parameters.get('AccessKeyId') ?? '', active);
    return answer;
  };

  return {
    'sts:AssumeRole': assumeRole(scene),
    'sts:AssumeRoleWithWebIdentity': assumeRoleWithWebIdentity(scene),
    'sts:AssumeRoleWithSAML': assumeRoleWithSaml(scene),
    'sts:GetSessionToken': tokenOfUser((_, xml, user) => sessionTokenCredentials(xml, user)),
    'sts:GetFederationToken': tokenOfUser(federationTokenCredentials),
    'sts:GetCallerIdentity': callerIdentity,
    'iam:CreateAccessKey': createAccessKey,
    'iam:DeleteAccessKey': deleteAccessKey,
    'iam:UpdateAccessKey': updateAccessKey,
    'iam:CreateUser': async (call, forward) =>
      call.parameters.has('PermissionsBoundary') ? boundaryRefusal(call) : forward(),
    'iam:PutUserPermissionsBoundary': async (call) => boundaryRefusal(call),
  };
}

/** moto forgets the boundary of a user, and who is held back in AWS would be let in here. */
function boundaryRefusal(call: AwsCall): AwsAnswer {
  const message = 'Local Aurora knows permissions boundaries of roles only, not of users.';
  return errorAnswer(call, 400, 'NotImplemented', message);
}
