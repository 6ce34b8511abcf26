import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCredentials, identify } from '../../../../clients/aws/diagnosis/signer';

// STS is a server that answers what a test wants, as its API reference says.

const before = { ...process.env };
let folder: string;
let server: Server;
let answer: { status: number; body: string; date?: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-signer-'));
  writeFileSync(
    join(folder, 'config'),
    `[profile keys]\naws_access_key_id = AKIAPROFILEPROFILE01\naws_secret_access_key = x\n[profile run]\ncredential_process = echo '{"Version":1,"AccessKeyId":"ASIAPROCESSPROCESS01","SecretAccessKey":"x","SessionToken":"y","Expiration":"2099-01-01T00:00:00Z"}'\n`,
  );
  server = createServer((_request, response) => {
    response.sendDate = false;
    response
      .writeHead(answer.status, { 'Content-Type': 'text/xml', Date: answer.date ?? new Date().toUTCString() })
      .end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
});
afterAll(async () => {
  process.env = before;
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
const find = (variables: NodeJS.ProcessEnv, options = {}) => {
  Object.assign(process.env, variables);
  return findCredentials(options, 'eu-west-1');
};

describe('where the credentials come from', () => {
  test.each<[string, NodeJS.ProcessEnv, object, string]>([
    ['the environment', keys, {}, 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
    ['a profile by option', {}, { profile: 'keys' }, 'profile keys'],
    ['a profile by AWS_PROFILE', { AWS_PROFILE: 'keys' }, {}, 'profile keys'],
    ['a command', {}, { profile: 'run' }, 'profile run (credential_process)'],
  ])('%s', async (_what, variables, options, source) => {
    const { signer } = await find(variables, options);
    expect(signer).toMatchObject({ source, fault: undefined });
  });

  test('two at once: which one is taken here, and that others may take the other one', async () => {
    const { signer } = await find({ ...keys, AWS_PROFILE: 'keys' });
    expect(signer).toMatchObject({
      source: 'profile keys',
      beside: expect.stringContaining('AWS_ACCESS_KEY_ID is set as well'),
    });
  });

  test.each<[string, object, string]>([
    ['none', {}, 'there are no credentials'],
    ['an unknown profile', { profile: 'nope' }, 'There is no profile "nope"'],
  ])('%s is a fault', async (_what, options, message) => {
    const { signer, credentials } = await find({}, options);
    expect(credentials).toBeUndefined();
    expect(signer.fault).toEqual({ kind: 'none', message: expect.stringContaining(message) });
  });
});

describe('what STS says of them', () => {
  const identified = async () => identify(await find(keys), {}, 'eu-west-1');
  const refused = (code: string) => ({
    status: 403,
    body: `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
  });

  test('the caller, and the clock of AWS', async () => {
    answer = {
      status: 200,
      date: 'Fri, 27 Nov 2026 10:00:00 GMT',
      body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111111111111:assumed-role/app/i-1</Arn><UserId>AROAX:i-1</UserId><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
    };
    const { signer, clock } = await identified();
    expect(signer.caller).toMatchObject({ kind: 'assumed-role', name: 'app', userId: 'AROAX:i-1' });
    expect(clock).toMatchObject({ value: { there: new Date('2026-11-27T10:00:00Z') } });
  });

  test.each([
    ['ExpiredToken', 'expired'],
    ['InvalidClientTokenId', 'refused'],
    ['SignatureDoesNotMatch', 'refused'],
  ])('%s: %s', async (code, kind) => {
    answer = refused(code);
    expect((await identified()).signer.fault?.kind).toBe(kind);
  });

  test('nobody answers: who signs is not known, and neither is the time', async () => {
    const found = await find(keys);
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1';
    const { signer, clock } = await identify(found, {}, 'eu-west-1');
    expect(signer).toMatchObject({ caller: undefined, fault: undefined });
    expect(clock).toEqual({ notKnown: expect.stringContaining('STS does not answer') });
  });
});
