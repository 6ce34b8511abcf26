import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AwsEndpoint,
  type AwsEndpointOptions,
  type CreatedCluster,
  startAwsEndpoint,
} from '../../../local/aws/aws-endpoint';
import { type CredentialLedger, createCredentialLedger } from '../../../local/aws/credential-ledger';
import { createOidcIssuer, type OidcIssuer, type TokenRequest } from '../../../local/aws/oidc-issuer';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly connection: number;
}

type Upstream = (
  action: string,
  parameters: URLSearchParams,
  received: Received,
) => [number, string] | undefined;

const accountOwner = 'AKIAOWNEROWNEROWNER1';
const roleArn = 'arn:aws:iam::123456789012:role/team/orders-api';
const root = 'arn:aws:iam::123456789012:root';
const github = 'token.actions.githubusercontent.com';
const oidcProvider = `arn:aws:iam::123456789012:oidc-provider/${github}`;
const samlProvider = 'arn:aws:iam::123456789012:saml-provider/office';
const subject = 'repo:example/orders:environment:local';

/** Whom the role trusts: the account, one workflow, and whoever the office's directory knows. */
const trustPolicy = (AWS = root) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' },
    {
      Effect: 'Allow',
      Principal: { Federated: oidcProvider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${github}:sub`]: subject, [`${github}:aud`]: 'sts.amazonaws.com' } },
    },
    { Effect: 'Allow', Principal: { Federated: samlProvider }, Action: 'sts:AssumeRoleWithSAML' },
  ],
});

let issuer: OidcIssuer;
beforeAll(async () => {
  issuer = await createOidcIssuer();
  issuer.standInFor(`https://${github}`);
});
const webIdentityToken = (changes: Partial<TokenRequest> = {}) =>
  issuer.issueToken({ issuer: `https://${github}`, subject, audience: 'sts.amazonaws.com', ...changes });
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** What answers in place of moto. `answer` undefined: 404, as for something that does not exist. */
async function upstream(answer: Upstream): Promise<{ url: string; received: Received[]; server: Server }> {
  const received: Received[] = [];
  const connections = new Map<unknown, number>();
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    if (!connections.has(incoming.socket)) connections.set(incoming.socket, connections.size);
    const { method = '', url = '', headers } = incoming;
    const connection = connections.get(incoming.socket) ?? -1;
    const one = { method, path: url, headers, body: Buffer.concat(chunks), connection };
    received.push(one);
    const parameters = new URLSearchParams(one.body.toString());
    const action = String(headers['x-amz-target'] ?? '').split('.')[1] ?? parameters.get('Action') ?? '';
    const [status, body] = answer(action, parameters, one) ?? [404, error('NotFound')];
    outgoing.writeHead(status, { 'Content-Type': 'text/xml', 'X-Amzn-RequestId': 'upstream-id' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, server };
}

async function endpoint(
  moto: string,
  options: Partial<AwsEndpointOptions> = {},
): Promise<AwsEndpoint & { ledger: CredentialLedger; lines: string[] }> {
  const ledger = createCredentialLedger();
  const lines: string[] = [];
  const log = { write: (source: string, line: string) => lines.push(`${source}: ${line}`) };
  const started = await startAwsEndpoint({ moto, ledger, log, ...options });
  cleanUps.push(started.stop);
  return { ...started, ledger, lines };
}

async function call(
  url: string,
  service: string,
  action: string,
  parameters: Record<string, string> = {},
  accessKeyId = accountOwner,
): Promise<{ status: number; text: string }> {
  const scope = `${accessKeyId}/20260102/eu-west-1/${service}/aws4_request`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=abc`,
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    },
    body: new URLSearchParams({ Action: action, ...parameters }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** A call for a session of the role that no credentials are needed for. */
async function unsigned(
  url: string,
  action: string,
  parameters: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: action, RoleArn: roleArn, RoleSessionName: 'web', ...parameters }),
  });
  return { status: answer.status, text: await answer.text() };
}

const error = (code: string) => `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`;

const credentialsXml = (accessKeyId: string) => `<Credentials>
    <AccessKeyId>${accessKeyId}</AccessKeyId>
    <SecretAccessKey>se/cr+et&amp;key</SecretAccessKey>
    <SessionToken>FQoG/token==</SessionToken>
    <Expiration>2026-01-02T04:05:06.789Z</Expiration>
  </Credentials>`;

/** An account with one role, one user and an STS that hands out `ASIAROLE…`, `ASIAUSER…` and so on. */
const account: Upstream = (action, parameters) => accountWith(trustPolicy())(action, parameters);

const accountWith =
  (trust: object) =>
  (action: string, parameters: URLSearchParams): [number, string] | undefined => {
    if (action === 'GetRole') {
      const document = encodeURIComponent(JSON.stringify(trust));
      const role = `<RoleId>AROAORDERS</RoleId><Arn>${roleArn}</Arn><AssumeRolePolicyDocument>${document}</AssumeRolePolicyDocument>`;
      const known = parameters.get('RoleName') === 'orders-api';
      return known ? [200, `<GetRoleResult><Role>${role}</Role></GetRoleResult>`] : undefined;
    }
    if (action === 'GetOpenIDConnectProvider') {
      const known = parameters.get('OpenIDConnectProviderArn') === oidcProvider;
      const audiences = '<member>https://example.com</member><member>sts.amazonaws.com</member>';
      return known ? [200, `<Result><ClientIDList>${audiences}</ClientIDList></Result>`] : undefined;
    }
    if (action.startsWith('AssumeRole')) {
      const session = parameters.get('RoleSessionName') ?? 'saml';
      const subject =
        action === 'AssumeRoleWithSAML'
          ? '<Subject>AROAX</Subject><SubjectType>persistent</SubjectType>'
          : '';
      return [
        200,
        `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${credentialsXml('ASIAROLE')}
      <AssumedRoleUser><AssumedRoleId>ARO123EXAMPLE123:${session}</AssumedRoleId>
      <Arn>arn:aws:sts::123456789012:assumed-role/orders-api/${session}</Arn></AssumedRoleUser>${subject}</${action}Result></${action}Response>`,
      ];
    }
    if (action === 'CreateAccessKey') {
      return [
        200,
        `<CreateAccessKeyResult><AccessKey><UserName>jane</UserName><AccessKeyId>AKIAJANE</AccessKeyId>
      <Status>Active</Status><SecretAccessKey>janes-secret</SecretAccessKey></AccessKey></CreateAccessKeyResult>`,
      ];
    }
    if (action === 'GetUser') {
      return [
        200,
        `<GetUserResult><User><Path>/people/</Path><UserName>jane</UserName><UserId>AIDAJANE</UserId>
      <Arn>arn:aws:iam::123456789012:user/people/jane</Arn></User></GetUserResult>`,
      ];
    }
    if (action === 'GetSessionToken')
      return [200, `<GetSessionTokenResult>${credentialsXml('AKIACONSTANT')}</GetSessionTokenResult>`];
    if (action === 'GetFederationToken') {
      return [
        200,
        `<GetFederationTokenResult>${credentialsXml('AKIACONSTANT')}<FederatedUser>
      <FederatedUserId>123456789012:Bob</FederatedUserId><Arn>arn:aws:sts::123456789012:federated-user/Bob</Arn>
      </FederatedUser></GetFederationTokenResult>`,
      ];
    }
    if (action === 'GetCallerIdentity') {
      return [
        200,
        `<GetCallerIdentityResult><UserId>unknown</UserId><Account>000000000000</Account>
      <Arn>arn:aws:sts::000000000000:user/moto</Arn></GetCallerIdentityResult>`,
      ];
    }
    if (action === 'DeleteAccessKey' || action === 'UpdateAccessKey' || action === 'CreateUser')
      return [200, '<Done/>'];
    return undefined;
  };

describe('a request to the AWS endpoint', () => {
  test('reaches moto byte for byte: method, path, query, headers and body', async () => {
    const moto = await upstream(() => [201, 'made']);
    const { url } = await endpoint(moto.url);
    const body = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
    const answered = await new Promise<IncomingMessage>((resolve) => {
      const headers = {
        Host: 's3.example:81',
        'X-Amz-Meta-Name': 'a b',
        'Content-Type': 'binary/octet-stream',
      };
      const options = { method: 'PUT', path: '/a%2Fb/c?x=%20&y', headers };
      httpRequest(url, options, resolve).end(body);
    });
    answered.resume();
    expect(answered.statusCode).toBe(201);
    expect(answered.headers['x-amzn-requestid']).toBe('upstream-id');
    expect(moto.received).toHaveLength(1);
    const [received] = moto.received;
    expect(received).toMatchObject({ method: 'PUT', path: '/a%2Fb/c?x=%20&y' });
    expect(received?.body.equals(body)).toBe(true);
    expect(received?.headers).toMatchObject({
      host: 's3.example:81',
      'x-amz-meta-name': 'a b',
      'content-length': '4096',
    });
  });

  test('is sent once, each on a connection of its own, also when moto drops the connection', async () => {
    const moto = await upstream((_action, _parameters, { connection }) => [200, String(connection)]);
    const { url } = await endpoint(moto.url);
    const first = await call(url, 'iam', 'CreatePolicy', { Name: 'first' });
    const second = await call(url, 'iam', 'CreatePolicy', { Name: 'second' });
    expect(first.text).not.toBe(second.text);

    let dropped = 0;
    const dropping = createServer((incoming) => {
      dropped++;
      incoming.socket.destroy();
    });
    await new Promise<void>((resolve) => dropping.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => new Promise((resolve) => dropping.close(resolve)));
    const behind = await endpoint(`http://127.0.0.1:${(dropping.address() as AddressInfo).port}`);
    expect((await call(behind.url, 'iam', 'CreatePolicy')).status).toBe(502);
    expect(dropped).toBe(1);
  });

  test('is answered 502 in the form of an AWS error while moto is not there', async () => {
    const moto = await upstream(() => undefined);
    await new Promise((resolve) => moto.server.close(resolve));
    const { url, lines } = await endpoint(moto.url);
    const { status, text } = await call(url, 'iam', 'ListRoles');
    expect(status).toBe(502);
    expect(text).toMatch(/<Code>BadGateway<\/Code><Message>.*ECONNREFUSED/);
    expect(lines.join()).toContain('ECONNREFUSED');
    const json = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.ListSecrets' },
      body: '{}',
    });
    expect(json.status).toBe(502);
    expect(await json.json()).toMatchObject({ __type: 'BadGateway' });
  });
});

describe('AssumeRoleWithWebIdentity', () => {
  const ask = async (
    token: string,
    {
      trust = trustPolicy() as object,
      options = { issuer } as Partial<AwsEndpointOptions>,
      RoleArn = roleArn,
    } = {},
  ) => {
    const moto = await upstream(accountWith(trust));
    const { url, ledger, lines } = await endpoint(moto.url, options);
    const action = 'AssumeRoleWithWebIdentity';
    const answer = await unsigned(url, action, { RoleArn, WebIdentityToken: token });
    const issued = ledger.find('ASIAROLE');
    const handedOut = moto.received.some(({ body }) => body.toString().includes(action));
    return { ...answer, issued, handedOut, log: lines.join('\n') };
  };

  test('gives the right workflow a session, and says whose it is', async () => {
    const { status, text, issued, log } = await ask(webIdentityToken());
    expect(status).toBe(200);
    expect(text).toContain('<AssumedRoleId>AROAORDERS:web</AssumedRoleId>');
    expect(issued?.caller).toMatchObject({ principalArn: roleArn, userId: 'AROAORDERS:web' });
    expect(log).not.toContain('eyJ');
  });

  test.each([
    ['another workflow', () => ({ subject: 'repo:example/orders:ref:refs/heads/main' })],
    ["an audience of the provider's, but not of the role's", () => ({ audience: 'https://example.com' })],
  ])('denies access to %s, and logs why', async (_what, changes) => {
    const { status, text, issued, handedOut, log } = await ask(webIdentityToken(changes()));
    expect(status).toBe(403);
    expect(text).toContain('<Code>AccessDenied</Code>');
    expect(text).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');
    expect([issued, handedOut]).toEqual([undefined, false]);
    expect(log).toContain('no statement of the trust policy allows sts:AssumeRoleWithWebIdentity');
  });

  test('denies access to a role of no web identity, and to one that does not exist', async () => {
    const { Statement, ...rest } = trustPolicy();
    const closed = await ask(webIdentityToken(), { trust: { ...rest, Statement: Statement.slice(0, 1) } });
    expect([closed.status, closed.handedOut]).toEqual([403, false]);
    const absent = await ask(webIdentityToken(), { RoleArn: 'arn:aws:iam::123456789012:role/absent' });
    expect([absent.status, absent.handedOut]).toEqual([403, false]);
  });

  test.each([
    [
      'for an audience that the provider is not for',
      () => webIdentityToken({ audience: 'x' }),
      'Incorrect token audience',
    ],
    ['that was changed', () => webIdentityToken().replace(/.{9}$/, 'AAAAAAAAA'), 'cannot be accepted'],
    ['that is none', () => 'x', 'cannot be accepted'],
  ])('takes no token %s', async (_what, token, message) => {
    const { status, text, issued, handedOut } = await ask(token());
    expect(status).toBe(400);
    expect(text).toContain('<Code>InvalidIdentityToken</Code>');
    expect(text).toContain(message);
    expect([issued, handedOut]).toEqual([undefined, false]);
  });

  test('takes no token of an issuer that the account has no provider for, whatever the role trusts', async () => {
    const eks = 'https://oidc.eks.eu-west-1.amazonaws.com/id/ABC';
    issuer.standInFor(eks);
    const { status, text, handedOut } = await ask(webIdentityToken({ issuer: eks }));
    expect([status, handedOut]).toEqual([400, false]);
    expect(text).toContain(`No OpenIDConnect provider found in your account for ${eks}`);
  });

  test('takes no expired token, and says so', async () => {
    const { status, text, handedOut } = await ask(
      webIdentityToken({ expiresAt: new Date(Date.now() - 1000) }),
    );
    expect([status, handedOut]).toEqual([400, false]);
    expect(text).toContain('<Code>ExpiredTokenException</Code>');
  });

  test('takes no token at all where no issuer is known', async () => {
    const { status, text, handedOut } = await ask(webIdentityToken(), { options: {} });
    expect([status, handedOut]).toEqual([400, false]);
    expect(text).toContain('<Code>InvalidIdentityToken</Code>');
  });
});

test('AssumeRoleWithSAML is denied for a provider that the role does not trust', async () => {
  const moto = await upstream(account);
  const { url, ledger } = await endpoint(moto.url);
  const PrincipalArn = 'arn:aws:iam::123456789012:saml-provider/other';
  expect((await unsigned(url, 'AssumeRoleWithSAML', { PrincipalArn })).status).toBe(403);
  expect(ledger.find('ASIAROLE')).toBeUndefined();
});

describe('AssumeRole', () => {
  const jane = 'arn:aws:iam::123456789012:user/people/jane';
  const ask = async (
    AWS: string,
    accessKeyId: string,
    mayCallAssumeRole?: AwsEndpointOptions['mayCallAssumeRole'],
  ) => {
    const moto = await upstream(accountWith(trustPolicy(AWS)));
    const { url, lines } = await endpoint(moto.url, mayCallAssumeRole ? { mayCallAssumeRole } : {});
    await call(url, 'iam', 'CreateAccessKey', { UserName: 'jane' });
    const parameters = { RoleArn: roleArn, RoleSessionName: 'me' };
    return { ...(await call(url, 'sts', 'AssumeRole', parameters, accessKeyId)), log: lines.join('\n') };
  };

  test("is the owner's wherever the role trusts the account, and nowhere else", async () => {
    expect((await ask(root, accountOwner)).status).toBe(200);
    expect((await ask('*', accountOwner)).status).toBe(200);
    for (const other of ['arn:aws:iam::999999999999:root', jane]) {
      const { status, text, log } = await ask(other, accountOwner);
      expect(status).toBe(403);
      expect(text).toContain('<Code>AccessDenied</Code>');
      expect(text).toContain(`not authorized to perform: sts:AssumeRole on resource: ${roleArn}`);
      expect(log).toContain('no statement of the trust policy allows sts:AssumeRole');
    }
  });

  test("is a user's only if the user's own policies allow it, too", async () => {
    const asked: unknown[] = [];
    const decide =
      (allowed: boolean): AwsEndpointOptions['mayCallAssumeRole'] =>
      async (caller, role, named) => {
        asked.push([caller.arn, role, named]);
        return { allowed, reason: 'as it was decided' };
      };
    expect((await ask(root, 'AKIAJANE', decide(true))).status).toBe(200);
    expect((await ask(jane, 'AKIAJANE', decide(true))).status).toBe(200);
    const denied = await ask(root, 'AKIAJANE', decide(false));
    expect(denied.status).toBe(403);
    expect(denied.log).toContain('as it was decided');
    expect(asked).toEqual([
      [jane, roleArn, false],
      [jane, roleArn, true],
      [jane, roleArn, false],
    ]);
    expect((await ask(root, 'AKIAJANE')).status).toBe(403);
    // Whom the role does not trust is not asked about.
    expect((await ask('arn:aws:iam::123456789012:user/joe', 'AKIAJANE', decide(true))).status).toBe(403);
    expect(asked).toHaveLength(3);
  });

  test("is nobody's with a session that is over", async () => {
    const moto = await upstream(accountWith(trustPolicy('*')));
    const { url } = await endpoint(moto.url, {
      mayCallAssumeRole: async () => ({ allowed: true, reason: '' }),
    });
    const parameters = { RoleArn: roleArn, RoleSessionName: 'me' };
    await call(url, 'sts', 'AssumeRole', parameters);
    const { status, text } = await call(url, 'sts', 'AssumeRole', parameters, 'ASIAROLE');
    expect(status).toBe(403);
    expect(text).toContain('<Code>ExpiredToken</Code>');
  });
});

describe('the ledger learns', () => {
  test('the session of an assumed role, with its session policies', async () => {
    const { url, ledger } = await endpoint((await upstream(account)).url);
    const policy = '{"Version":"2012-10-17","Statement":[{"Sid":"a+b & ä"}]}';
    const answer = await call(url, 'sts', 'AssumeRole', {
      RoleArn: roleArn,
      RoleSessionName: 'me',
      Policy: policy,
      'PolicyArns.member.1.arn': 'arn:aws:iam::123456789012:policy/one',
      'PolicyArns.member.2.arn': 'arn:aws:iam::123456789012:policy/two',
    });
    expect(answer.status).toBe(200);
    expect(ledger.find('ASIAROLE')).toEqual({
      accessKeyId: 'ASIAROLE',
      secretAccessKey: 'se/cr+et&key',
      sessionToken: 'FQoG/token==',
      expiration: new Date('2026-01-02T04:05:06.789Z'),
      caller: {
        kind: 'assumed-role',
        principalArn: roleArn,
        arn: 'arn:aws:sts::123456789012:assumed-role/orders-api/me',
        account: '123456789012',
        name: 'orders-api',
        userId: 'AROAORDERS:me',
        issuedAt: expect.any(Date),
        sessionPolicies: [policy],
        saml: 'none',
        sessionPolicyArns: ['arn:aws:iam::123456789012:policy/one', 'arn:aws:iam::123456789012:policy/two'],
      },
    });
  });

  test.each([
    ['AssumeRoleWithWebIdentity', () => ({ WebIdentityToken: webIdentityToken() })],
    ['AssumeRoleWithSAML', () => ({ PrincipalArn: samlProvider })],
  ])('the session of %s, which nobody signs', async (action, proof) => {
    const { url, ledger } = await endpoint((await upstream(account)).url, { issuer });
    const { text } = await unsigned(url, action, proof());
    expect(text).toContain('<AssumedRoleId>AROAORDERS:web</AssumedRoleId>');
    expect(ledger.find('ASIAROLE')?.caller).toMatchObject({
      userId: 'AROAORDERS:web',
      issuedAt: expect.any(Date),
    });
  });

  test.each([
    ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'persistent'],
    ['urn:oasis:names:tc:SAML:2.0:nameid-format:transient', 'transient'],
    ['urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress', 'unspecified'],
  ])('the person whom a SAML assertion names, of the format %s', async (format, subType) => {
    const { url, ledger } = await endpoint((await upstream(account)).url);
    const assertion = `<saml:Subject><saml:NameID Format="${format}">jane&amp;co</saml:NameID></saml:Subject>`;
    const SAMLAssertion = Buffer.from(assertion).toString('base64');
    const { text } = await unsigned(url, 'AssumeRoleWithSAML', { PrincipalArn: samlProvider, SAMLAssertion });
    expect(text).toContain(`<SubjectType>${subType}</SubjectType>`);
    expect(ledger.find('ASIAROLE')?.caller.saml).toEqual({ sub: 'jane&co', subType });
  });

  test('nothing from a role that does not exist, nor from one of the same name on another path', async () => {
    const { url, ledger } = await endpoint((await upstream(account)).url);
    for (const RoleArn of [
      'arn:aws:iam::123456789012:role/absent',
      'arn:aws:iam::123456789012:role/orders-api',
    ]) {
      const { status, text } = await call(url, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'me' });
      expect(status).toBe(403);
      expect(text).toContain('<Code>AccessDenied</Code>');
    }
    expect(ledger.find('ASIAROLE')).toBeUndefined();
  });

  test('a role is looked for in its own account', async () => {
    const moto = await upstream(account);
    const { url } = await endpoint(moto.url);
    await call(url, 'sts', 'AssumeRole', {
      RoleArn: 'arn:aws:iam::999999999999:role/x',
      RoleSessionName: 'me',
    });
    expect(moto.received.map(({ headers }) => headers['x-moto-account-id'])).toEqual(['999999999999']);
  });

  test('the access key of a user, until it is inactive or deleted', async () => {
    const { url, ledger } = await endpoint((await upstream(account)).url);
    await call(url, 'iam', 'CreateAccessKey', { UserName: 'jane' });
    expect(ledger.find('AKIAJANE')).toEqual({
      accessKeyId: 'AKIAJANE',
      secretAccessKey: 'janes-secret',
      caller: {
        kind: 'user',
        principalArn: 'arn:aws:iam::123456789012:user/people/jane',
        arn: 'arn:aws:iam::123456789012:user/people/jane',
        account: '123456789012',
        name: 'jane',
        userId: 'AIDAJANE',
        sessionPolicies: [],
        sessionPolicyArns: [],
      },
    });
    const key = { UserName: 'jane', AccessKeyId: 'AKIAJANE' };
    await call(url, 'iam', 'UpdateAccessKey', { ...key, Status: 'Inactive' });
    expect(ledger.find('AKIAJANE')).toBeUndefined();
    await call(url, 'iam', 'UpdateAccessKey', { ...key, Status: 'Active' });
    expect(ledger.find('AKIAJANE')).toBeDefined();
    await call(url, 'iam', 'DeleteAccessKey', key);
    expect(ledger.find('AKIAJANE')).toBeUndefined();
  });

  test('a session token of a user: other credentials each time, the same user', async () => {
    const { url, ledger } = await endpoint((await upstream(account)).url);
    await call(url, 'iam', 'CreateAccessKey', { UserName: 'jane' });
    const ids = [];
    for (let time = 0; time < 2; time++) {
      const { text } = await call(url, 'sts', 'GetSessionToken', {}, 'AKIAJANE');
      const id = /<AccessKeyId>(ASIA[A-Z2-7]{16})</.exec(text)?.[1] ?? '';
      const issued = ledger.find(id);
      expect(text).toContain(`<SecretAccessKey>${issued?.secretAccessKey}<`);
      expect(text).toContain(`<SessionToken>${issued?.sessionToken}<`);
      expect(issued?.caller.arn).toBe('arn:aws:iam::123456789012:user/people/jane');
      expect(issued?.caller.issuedAt).toBeInstanceOf(Date);
      ids.push(id);
    }
    expect(ids[0]).not.toBe(ids[1]);
    expect(ledger.find('AKIACONSTANT')).toBeUndefined();
    // What AWS refuses, too: a session that prolongs itself.
    expect((await call(url, 'sts', 'GetSessionToken', {}, ids[0])).status).toBe(403);
  });

  test('a federated user, who may do nothing without a session policy', async () => {
    const { url, ledger } = await endpoint((await upstream(account)).url);
    await call(url, 'iam', 'CreateAccessKey', { UserName: 'jane' });
    const federate = async (parameters: Record<string, string>) => {
      const { text } = await call(
        url,
        'sts',
        'GetFederationToken',
        { Name: 'Bob', ...parameters },
        'AKIAJANE',
      );
      return ledger.find(/<AccessKeyId>(\w+)</.exec(text)?.[1] ?? '')?.caller;
    };
    expect(await federate({ Policy: '{"of":"Bob"}' })).toMatchObject({
      arn: 'arn:aws:sts::123456789012:federated-user/Bob',
      userId: '123456789012:Bob',
      name: 'jane',
      issuedAt: expect.any(Date),
      sessionPolicies: ['{"of":"Bob"}'],
    });
    const [denial] = (await federate({}))?.sessionPolicies ?? [];
    expect(JSON.parse(denial ?? '')).toMatchObject({
      Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
    });
  });

  test("who asks GetCallerIdentity, and leaves moto's answer to keys that it does not know", async () => {
    const { url } = await endpoint((await upstream(account)).url);
    await call(url, 'sts', 'AssumeRole', { RoleArn: roleArn, RoleSessionName: 'me' });
    const known = await call(url, 'sts', 'GetCallerIdentity', {}, 'ASIAROLE');
    expect(known.text).toContain('<Arn>arn:aws:sts::123456789012:assumed-role/orders-api/me</Arn>');
    expect(known.text).toContain('<Account>123456789012</Account>');
    const unknown = await call(url, 'sts', 'GetCallerIdentity');
    expect(unknown.text).toContain('user/moto');
  });

  test('and no secret of it stands in the log', async () => {
    const { url, lines } = await endpoint((await upstream(account)).url);
    await call(url, 'sts', 'AssumeRole', { RoleArn: roleArn, RoleSessionName: 'me' });
    await call(url, 'iam', 'CreateAccessKey', { UserName: 'jane' });
    expect(lines).toEqual(['aws: sts AssumeRole 200', 'aws: iam CreateAccessKey 200']);
  });
});

test('the permissions boundary of a user is refused, because moto would forget it', async () => {
  const moto = await upstream(account);
  const { url } = await endpoint(moto.url);
  const boundary = { UserName: 'jane', PermissionsBoundary: 'arn:aws:iam::123456789012:policy/b' };
  for (const action of ['CreateUser', 'PutUserPermissionsBoundary']) {
    expect((await call(url, 'iam', action, boundary)).text).toContain('<Code>NotImplemented</Code>');
  }
  expect(moto.received).toEqual([]);
  expect((await call(url, 'iam', 'CreateUser', { UserName: 'jane' })).status).toBe(200);
});

describe('a cluster', () => {
  const clusterXml = (parameters: URLSearchParams, managed: boolean) => `<DBCluster>
    <DBClusterIdentifier>${parameters.get('DBClusterIdentifier')}</DBClusterIdentifier>
    <Endpoint>orders.cluster-abc.eu-west-1.rds.amazonaws.com</Endpoint>
    <ReaderEndpoint>orders.cluster-ro-abc.eu-west-1.rds.amazonaws.com</ReaderEndpoint>
    <Engine>${parameters.get('Engine') ?? 'aurora-postgresql'}</Engine><EngineVersion>17.4</EngineVersion>
    <Port>${parameters.get('Port') ?? '5432'}</Port><MasterUsername>post&amp;gres</MasterUsername>
    <DatabaseName>orders</DatabaseName><DbClusterResourceId>cluster-ABC</DbClusterResourceId>
    <DBClusterArn>arn:aws:rds:eu-west-1:123456789012:cluster:orders</DBClusterArn>
    <IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled>
    ${managed ? '<MasterUserSecret><SecretStatus>creating</SecretStatus><SecretArn>arn:secret</SecretArn></MasterUserSecret>' : ''}
  </DBCluster>`;

  /** RDS with the clusters of these names. */
  function rds(existing: Set<string> = new Set(), events: string[] = []): Upstream {
    return (action, parameters, { body }) => {
      const identifier = parameters.get('DBClusterIdentifier') ?? '';
      if (action === 'DescribeDBClusters')
        return existing.has(identifier) ? [200, clusterXml(parameters, false)] : undefined;
      events.push(action === 'PutSecretValue' ? `${action} ${body}` : `${action} ${identifier}`);
      if (action === 'DeleteDBCluster') existing.delete(identifier);
      if (action === 'CreateDBCluster') existing.add(identifier);
      const managed = /true/i.test(
        parameters.get('ManageMasterUserPassword') ?? parameters.get('RotateMasterUserPassword') ?? '',
      );
      return [200, clusterXml(parameters, managed)];
    };
  }

  const cluster = { DBClusterIdentifier: 'orders', Engine: 'aurora-postgresql', Port: '6543' };

  test('has its database before the client hears of it, with the password of the request', async () => {
    const events: string[] = [];
    const moto = await upstream(rds(new Set(), events));
    const created: CreatedCluster[] = [];
    const { url } = await endpoint(moto.url, {
      onClusterCreated: async (one) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        created.push(one);
        events.push('hook');
      },
    });
    await call(url, 'rds', 'CreateDBCluster', { ...cluster, MasterUserPassword: 'from the request' });
    events.push('answer');
    expect(events).toEqual(['CreateDBCluster orders', 'hook', 'answer']);
    expect(created).toEqual([
      {
        identifier: 'orders',
        arn: 'arn:aws:rds:eu-west-1:123456789012:cluster:orders',
        resourceId: 'cluster-ABC',
        engineVersion: '17.4',
        endpoint: 'orders.cluster-abc.eu-west-1.rds.amazonaws.com',
        readerEndpoint: 'orders.cluster-ro-abc.eu-west-1.rds.amazonaws.com',
        port: 6543,
        masterUsername: 'post&gres',
        masterPassword: 'from the request',
        databaseName: 'orders',
        iamAuthenticationEnabled: true,
      },
    ]);
  });

  test('with a managed secret gets a password of its own there, which is in no log', async () => {
    const events: string[] = [];
    const passwords: string[] = [];
    const { url, lines } = await endpoint((await upstream(rds(new Set(), events))).url, {
      onClusterCreated: async ({ masterPassword, masterUserSecretArn }) => {
        expect(masterUserSecretArn).toBe('arn:secret');
        passwords.push(masterPassword ?? '');
      },
    });
    for (const DBClusterIdentifier of ['one', 'two']) {
      await call(url, 'rds', 'CreateDBCluster', {
        ...cluster,
        DBClusterIdentifier,
        ManageMasterUserPassword: 'true',
      });
    }
    const written = events
      .filter((event) => event.startsWith('PutSecretValue'))
      .map((event) => JSON.parse(JSON.parse(event.slice('PutSecretValue '.length)).SecretString));
    expect(written).toEqual(passwords.map((password) => ({ username: 'post&gres', password })));
    expect(new Set(passwords).size).toBe(2);
    for (const password of passwords) {
      expect(password).toMatch(/^[!-~]{32}$/);
      expect(password).not.toMatch(/[/@"' ]/);
      expect(lines.join('\n')).not.toContain(password);
    }
  });

  test('is taken back and refused if its database cannot be made, without the password in the error', async () => {
    const existing = new Set<string>();
    const { url, lines } = await endpoint((await upstream(rds(existing))).url, {
      onClusterCreated: async ({ masterPassword }) => {
        throw new Error(`no space left for ${masterPassword}`);
      },
    });
    const parameters = { ...cluster, MasterUserPassword: 'very-secret' };
    const { status, text } = await call(url, 'rds', 'CreateDBCluster', parameters);
    expect(status).toBe(400);
    expect(text).toContain('no space left for …');
    expect(text + lines.join()).not.toContain('very-secret');
    expect(existing.size).toBe(0);
  });

  test('is made once, however many ask for it at the same time', async () => {
    const events: string[] = [];
    const { url } = await endpoint((await upstream(rds(new Set(), events))).url);
    const answers = await Promise.all(
      [1, 2, 3].map(() => call(url, 'rds', 'CreateDBCluster', { ...cluster, MasterUserPassword: 'x' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect(answers.filter(({ text }) => text.includes('DBClusterAlreadyExistsFault'))).toHaveLength(2);
    expect(events).toEqual(['CreateDBCluster orders']);
  });

  test('of another engine has no database here', async () => {
    const onClusterCreated = jest.fn();
    const { url } = await endpoint((await upstream(rds())).url, { onClusterCreated });
    const other = { ...cluster, Engine: 'neptune', MasterUserPassword: 'x' };
    expect((await call(url, 'rds', 'CreateDBCluster', other)).status).toBe(200);
    expect(onClusterCreated).not.toHaveBeenCalled();
  });

  test('that is modified hands on a new password, and none if there is none', async () => {
    const modified: (string | undefined)[] = [];
    const { url } = await endpoint((await upstream(rds(new Set(['orders'])))).url, {
      onClusterModified: async ({ formerIdentifier, masterPassword }) => {
        modified.push(formerIdentifier, masterPassword);
      },
    });
    const orders = { DBClusterIdentifier: 'orders' };
    await call(url, 'rds', 'ModifyDBCluster', orders);
    await call(url, 'rds', 'ModifyDBCluster', { ...orders, MasterUserPassword: 'changed' });
    await call(url, 'rds', 'ModifyDBCluster', {
      ...orders,
      RotateMasterUserPassword: 'true',
      ApplyImmediately: 'true',
    });
    expect(modified).toEqual([
      'orders',
      undefined,
      'orders',
      'changed',
      'orders',
      expect.stringMatching(/^.{32}$/),
    ]);
  });

  test('gets no master, and is not made, where no server is left for it', async () => {
    const events: string[] = [];
    const onClusterCreated = jest.fn();
    const onClusterModified = jest.fn();
    const whyNoServer = (resourceId?: string) =>
      resourceId === 'cluster-ABC' ? undefined : 'has no server.';
    const { url, lines } = await endpoint((await upstream(rds(new Set(), events))).url, {
      whyNoServer,
      onClusterCreated,
      onClusterModified,
    });
    const passwords: Record<string, string>[] = [
      { MasterUserPassword: 'very-secret' },
      { ManageMasterUserPassword: 'true' },
    ];
    for (const password of passwords) {
      const { status, text } = await call(url, 'rds', 'CreateDBCluster', { ...cluster, ...password });
      expect([status, text]).toEqual([
        403,
        expect.stringContaining('<Code>DBClusterQuotaExceededFault</Code>'),
      ]);
      expect(text).toContain('DB cluster orders has no server.');
    }
    expect(events).toEqual([]);
    expect(onClusterCreated).not.toHaveBeenCalled();
    expect(lines.join()).not.toContain('very-secret');
    // Without a master no server is needed: a member of a global cluster, for policies to name.
    expect((await call(url, 'rds', 'CreateDBCluster', cluster)).status).toBe(200);
  });

  test('that has no server keeps its master as it is', async () => {
    const events: string[] = [];
    const onClusterModified = jest.fn();
    const { url } = await endpoint((await upstream(rds(new Set(['orders']), events))).url, {
      whyNoServer: () => 'has no server.',
      onClusterModified,
    });
    const orders = { DBClusterIdentifier: 'orders' };
    const passwords: Record<string, string>[] = [
      { MasterUserPassword: 'x' },
      { ManageMasterUserPassword: 'true' },
      { RotateMasterUserPassword: 'true', ApplyImmediately: 'true' },
    ];
    for (const password of passwords) {
      const { status, text } = await call(url, 'rds', 'ModifyDBCluster', { ...orders, ...password });
      expect([status, text]).toEqual([
        400,
        expect.stringContaining('<Code>InvalidDBClusterStateFault</Code>'),
      ]);
    }
    expect(events).toEqual([]);
    expect((await call(url, 'rds', 'ModifyDBCluster', { ...orders, Port: '6000' })).status).toBe(200);
    expect(onClusterModified.mock.calls.map(([modified]) => modified.masterPassword)).toEqual([undefined]);
  });

  test('that is deleted gives its server back', async () => {
    const deleted: string[] = [];
    const { url } = await endpoint((await upstream(rds(new Set(['orders'])))).url, {
      onClusterDeleted: (resourceId) => deleted.push(resourceId),
    });
    for (const DBClusterIdentifier of ['absent', 'orders'])
      await call(url, 'rds', 'DeleteDBCluster', { DBClusterIdentifier });
    expect(deleted).toEqual(['cluster-ABC']);
  });

  test('that does not exist cannot be modified, and no rotation without ApplyImmediately reaches moto', async () => {
    const events: string[] = [];
    const { url } = await endpoint((await upstream(rds(new Set(['orders']), events))).url);
    const absent = await call(url, 'rds', 'ModifyDBCluster', { DBClusterIdentifier: 'absent' });
    expect(absent.status).toBe(404);
    expect(absent.text).toContain('DBClusterNotFoundFault');
    const later = { DBClusterIdentifier: 'orders', RotateMasterUserPassword: 'true' };
    expect((await call(url, 'rds', 'ModifyDBCluster', later)).text).toContain('InvalidParameterCombination');
    expect(events).toEqual([]);
  });
});
