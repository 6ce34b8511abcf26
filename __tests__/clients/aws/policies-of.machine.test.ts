import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IAMClient } from '@aws-sdk/client-iam';
import { policiesOf } from '../../../clients/aws/policies-of';
import type { Caller } from '../../../modules/iam/caller';

let server: Server;
let iam: IAMClient;
/** `<action> <first parameters that tell answers apart>` -> the answer's result. Missing: NoSuchEntity. */
let answers: Record<string, string>;

beforeEach(async () => {
  answers = {};
  server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const parameters = new URLSearchParams(body);
    const names = [
      'Action',
      'RoleName',
      'UserName',
      'GroupName',
      'PolicyName',
      'PolicyArn',
      'VersionId',
      'Marker',
    ];
    const question = names.flatMap((name) => parameters.get(name) ?? []).join(' ');
    const action = parameters.get('Action');
    const result =
      answers[question] ?? (/^List/.test(question) ? '<IsTruncated>false</IsTruncated>' : undefined);
    if (result === undefined) {
      const error = '<Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>gone</Message></Error>';
      return outgoing.writeHead(404).end(`<ErrorResponse>${error}</ErrorResponse>`);
    }
    const inner = result.startsWith('!') ? undefined : result;
    if (inner === undefined) {
      const error = '<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>';
      return outgoing.writeHead(403).end(`<ErrorResponse>${error}</ErrorResponse>`);
    }
    return outgoing.end(`<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  iam = new IAMClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  iam.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const policyArn = (name: string) => `arn:aws:iam::123456789012:policy/${name}`;
const document = (sid: string) => `{"Statement":[{"Sid":"${sid}","Resource":"100%25/\${aws:username}+ä"}]}`;

function attached(names: string[], marker?: string): string {
  const members = names.map(
    (name) => `<member><PolicyName>${name}</PolicyName><PolicyArn>${policyArn(name)}</PolicyArn></member>`,
  );
  return `<AttachedPolicies>${members.join('')}</AttachedPolicies>${more(marker)}`;
}

function names(list: string[], marker?: string): string {
  return `<PolicyNames>${list.map((name) => `<member>${name}</member>`).join('')}</PolicyNames>${more(marker)}`;
}

function more(marker?: string): string {
  return marker
    ? `<IsTruncated>true</IsTruncated><Marker>${marker}</Marker>`
    : '<IsTruncated>false</IsTruncated>';
}

function managed(name: string, text: string, version = 'v1'): void {
  const arn = policyArn(name);
  answers[`GetPolicy ${arn}`] =
    `<Policy><Arn>${arn}</Arn><DefaultVersionId>${version}</DefaultVersionId></Policy>`;
  answers[`GetPolicyVersion ${arn} ${version}`] =
    `<PolicyVersion><Document>${text}</Document></PolicyVersion>`;
}

function principal(kind: 'Role' | 'User', name: string, id: string, extra = ''): void {
  answers[`Get${kind} ${name}`] =
    `<${kind}><Path>/</Path><${kind}Name>${name}</${kind}Name><${kind}Id>${id}</${kind}Id>` +
    `<Arn>arn:aws:iam::123456789012:${kind.toLowerCase()}/team/${name}</Arn>${extra}</${kind}>`;
}

const boundary = `<PermissionsBoundary><PermissionsBoundaryArn>${policyArn('limit')}</PermissionsBoundaryArn></PermissionsBoundary>`;

const role: Caller = {
  kind: 'assumed-role',
  principalArn: 'arn:aws:iam::123456789012:role/api',
  arn: 'arn:aws:sts::123456789012:assumed-role/api/me',
  account: '123456789012',
  name: 'api',
  userId: 'AROAAPI:me',
  sessionPolicies: [],
  sessionPolicyArns: [],
};

const user: Caller = {
  ...role,
  kind: 'user',
  principalArn: 'arn:aws:iam::123456789012:user/team/jane',
  arn: 'arn:aws:iam::123456789012:user/team/jane',
  name: 'jane',
  userId: 'AIDAJANE',
};

describe('the policies of an assumed role', () => {
  test('are its attached ones on every page, in the version in force, and its inline ones', async () => {
    principal('Role', 'api', 'AROAAPI');
    answers['ListAttachedRolePolicies api'] = attached(['one'], 'next');
    answers['ListAttachedRolePolicies api next'] = attached(['two']);
    answers['ListRolePolicies api'] = names(['first'], 'next');
    answers['ListRolePolicies api next'] = names(['second']);
    managed('one', encodeURIComponent(document('one')), 'v7');
    managed('two', document('two'));
    for (const name of ['first', 'second']) {
      answers[`GetRolePolicy api ${name}`] =
        `<PolicyDocument>${encodeURIComponent(document(name))}</PolicyDocument>`;
    }
    expect(await policiesOf(role, iam)).toEqual({
      identity: [
        { name: policyArn('one'), document: document('one') },
        { name: policyArn('two'), document: document('two') },
        { name: 'inline policy first of role api', document: document('first') },
        { name: 'inline policy second of role api', document: document('second') },
      ],
    });
  });

  test('include its permissions boundary', async () => {
    principal('Role', 'api', 'AROAAPI', boundary);
    managed('limit', encodeURIComponent(document('limit')));
    expect((await policiesOf(role, iam)).boundary).toEqual({
      name: policyArn('limit'),
      document: document('limit'),
    });
  });

  test('include the policies of the session, and one that is gone allows nothing', async () => {
    principal('Role', 'api', 'AROAAPI');
    managed('cut', encodeURIComponent(document('cut')));
    const caller = {
      ...role,
      sessionPolicies: ['{"inline":1}'],
      sessionPolicyArns: [policyArn('cut'), policyArn('gone')],
    };
    const { session = [] } = await policiesOf(caller, iam);
    expect(session.slice(0, 2)).toEqual([
      { name: 'inline session policy', document: '{"inline":1}' },
      { name: policyArn('cut'), document: document('cut') },
    ]);
    expect(session[2]?.name).toBe(policyArn('gone'));
    expect(JSON.parse(session[2]?.document ?? '')).toMatchObject({ Statement: [{ Effect: 'Deny' }] });
  });

  test('are none once it is deleted', async () => {
    expect(await policiesOf(role, iam)).toEqual({ identity: [] });
  });

  test.each([
    ['made again under its name', { userId: 'AROAOLD:me' }],
    ['of the same name in another account', { account: '999999999999' }],
  ])('are none if the role in IAM is one %s', async (_, difference) => {
    principal('Role', 'api', 'AROAAPI', boundary);
    answers['ListAttachedRolePolicies api'] = attached(['one']);
    managed('one', document('one'));
    expect(await policiesOf({ ...role, ...difference }, iam)).toEqual({ identity: [] });
  });

  test('are not guessed if IAM refuses to say', async () => {
    principal('Role', 'api', 'AROAAPI');
    answers['ListAttachedRolePolicies api'] = '!';
    await expect(policiesOf(role, iam)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('the policies of a user', () => {
  beforeEach(() => {
    principal('User', 'jane', 'AIDAJANE', boundary);
    answers['ListAttachedUserPolicies jane'] = attached(['own']);
    answers['ListUserPolicies jane'] = names(['inline']);
    answers['GetUserPolicy jane inline'] =
      `<PolicyDocument>${encodeURIComponent(document('inline'))}</PolicyDocument>`;
    const group = (name: string) => `<Groups><member><GroupName>${name}</GroupName></member></Groups>`;
    answers['ListGroupsForUser jane'] = group('readers') + more('next');
    answers['ListGroupsForUser jane next'] = group('writers') + more();
    answers['ListAttachedGroupPolicies readers'] = attached(['shared']);
    answers['ListGroupPolicies writers'] = names(['write']);
    answers['GetGroupPolicy writers write'] =
      `<PolicyDocument>${encodeURIComponent(document('write'))}</PolicyDocument>`;
    for (const name of ['own', 'shared', 'limit']) managed(name, encodeURIComponent(document(name)));
  });

  const all = {
    identity: [
      { name: policyArn('own'), document: document('own') },
      { name: 'inline policy inline of user jane', document: document('inline') },
      { name: policyArn('shared'), document: document('shared') },
      { name: 'inline policy write of group writers', document: document('write') },
    ],
    boundary: { name: policyArn('limit'), document: document('limit') },
  };

  test('are its own and those of its groups', async () => {
    expect(await policiesOf(user, iam)).toEqual(all);
  });

  test('hold for a federated user of hers, too, cut down to the session policies', async () => {
    const federated = {
      ...user,
      arn: 'arn:aws:sts::123456789012:federated-user/Bob',
      userId: '123456789012:Bob',
      sessionPolicies: ['{}'],
    };
    const session = [{ name: 'inline session policy', document: '{}' }];
    expect(await policiesOf(federated, iam)).toEqual({ ...all, session });
  });

  test('are none if another user has her name now', async () => {
    expect(await policiesOf({ ...user, userId: 'AIDAOLD' }, iam)).toEqual({ identity: [] });
  });
});
