import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RDSServiceException } from '@aws-sdk/client-rds';
import fc from 'fast-check';
import { profileNames } from '../../../clients/aws/profiles';
import { awsReason } from '../../../clients/aws/reason';

// The errors are those that the SDK (3.1169) threw when it was made to fail in each of these ways.

const answer = (name: string, message: string) =>
  new RDSServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: 403 } });
const thrown = (fields: object) => Object.assign(new Error(), fields);
const HINT =
  '\n  Deserialization error: to see the raw response, inspect the hidden field {error}.$response on this object.';
const jane = 'arn:aws:sts::111111111111:assumed-role/dev/jane';
const shop = 'arn:aws:rds:eu-west-1:111111111111:cluster:shop';
const NO_PROVIDER = {
  name: 'CredentialsProviderError',
  message: 'Could not load credentials from any providers',
};

test.each<[string, unknown, object, string]>([
  [
    'a denied call',
    answer(
      'AccessDenied',
      `User: ${jane} is not authorized to perform: rds:DescribeDBClusters on resource: ${shop} because no identity-based policy allows the rds:DescribeDBClusters action`,
    ),
    {},
    `${jane} may not call rds:DescribeDBClusters on ${shop}. Allow rds:DescribeDBClusters in its policy, or sign with another identity (--profile, --role)`,
  ],
  [
    'a call that is denied explicitly',
    answer(
      'AccessDeniedException',
      `User: ${jane} is not authorized to perform: secretsmanager:GetSecretValue on resource: x with an explicit deny in a service control policy`,
    ),
    {},
    `${jane} may not call secretsmanager:GetSecretValue on x. A statement denies it (with an explicit deny in a service control policy): allowing it elsewhere does not help`,
  ],
  [
    'a role that may not be assumed',
    answer(
      'AccessDenied',
      `User: ${jane} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/x`,
    ),
    {},
    `${jane} may not call sts:AssumeRole on arn:aws:iam::111111111111:role/x. The role's trust policy must let this identity in, and its own policy must allow sts:AssumeRole`,
  ],
  [
    'a denial without words',
    answer('AccessDenied', 'Access Denied.'),
    {},
    'access is denied (Access Denied)',
  ],
  [
    'throttling',
    answer('Throttling', 'Rate exceeded'),
    {},
    'AWS answers too many requests of this account at once (throttling). Try again in a minute',
  ],
  [
    'an expired token',
    answer('ExpiredToken', 'The security token included in the request is expired'),
    { profile: 'dev' },
    'the credentials of profile dev have expired. Get new ones, such as by aws sso login --profile dev',
  ],
  [
    'another clock',
    answer('RequestExpired', 'Request has expired.'),
    {},
    'the request was signed at another time than AWS has. Set the clock of this machine',
  ],
  [
    'an unknown key',
    answer('InvalidClientTokenId', 'The security token included in the request is invalid.'),
    {},
    'AWS does not know the access key: it was deleted, is switched off, or belongs to another partition; or AWS_SESSION_TOKEN is missing beside a temporary one',
  ],
  [
    'a wrong secret',
    answer('SignatureDoesNotMatch', 'The request signature we calculated does not match'),
    {},
    'the secret access key does not belong to the access key: copy both again',
  ],
  [
    'an SSO session that is not there',
    thrown({
      name: 'CredentialsProviderError',
      message:
        "The SSO session token associated with profile=dev was not found or is invalid. To refresh this SSO session run 'aws sso login' with the corresponding profile.",
    }),
    { profile: 'dev' },
    'the SSO session of profile dev has expired, or has not begun. Run aws sso login --profile dev',
  ],
  [
    'no credentials',
    thrown(NO_PROVIDER),
    {},
    'there are no credentials, neither in the environment nor in a profile nor from a role of this machine. Set AWS_PROFILE, or give --profile',
  ],
  [
    'a profile without credentials',
    thrown(NO_PROVIDER),
    { profile: 'chain' },
    'profile chain gives no credentials. See what `aws sts get-caller-identity --profile chain` says',
  ],
  [
    'a name that nobody knows',
    thrown({
      code: 'ENOTFOUND',
      hostname: 'rds.eu-wets-1.amazonaws.com',
      message: 'getaddrinfo ENOTFOUND rds.eu-wets-1.amazonaws.com',
    }),
    { region: 'eu-wets-1' },
    'no name server knows rds.eu-wets-1.amazonaws.com. The region eu-wets-1 is not one that this version knows. Did you mean eu-west-1? Else look at the network',
  ],
  [
    'a network without names',
    thrown({
      code: 'ENOTFOUND',
      hostname: 'rds.eu-west-1.amazonaws.com',
      message: 'getaddrinfo ENOTFOUND rds.eu-west-1.amazonaws.com',
    }),
    { region: 'eu-west-1' },
    'no name server knows rds.eu-west-1.amazonaws.com. Look at the network, and at the region',
  ],
  [
    'nobody who listens',
    thrown({ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:9' }),
    { endpointUrl: 'http://127.0.0.1:9' },
    'AWS does not answer (connect ECONNREFUSED 127.0.0.1:9). AWS_ENDPOINT_URL is http://127.0.0.1:9: is that meant',
  ],
  [
    'an answer that is not XML',
    thrown({
      message: `@aws-sdk XML parse error: unexpected content.${HINT}`,
      $metadata: { httpStatusCode: 200 },
    }),
    {},
    'what answered is not AWS (HTTP 200): a proxy or a log-in page of the network stands in between',
  ],
  [
    'an answer that is not JSON',
    Object.assign(new SyntaxError(`Unexpected token '<', "<html>" is not valid JSON${HINT}`), {
      $metadata: { httpStatusCode: 200 },
    }),
    { endpointUrl: 'http://localhost:1' },
    'what answered is not AWS (HTTP 200): AWS_ENDPOINT_URL is http://localhost:1',
  ],
  [
    'TLS that is opened on the way',
    thrown({ code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed certificate in certificate chain' }),
    {},
    'the certificate of the endpoint of AWS is not trusted (self-signed certificate in certificate chain). Where a proxy opens TLS, name its authority in NODE_EXTRA_CA_CERTS',
  ],
  ['anything else', answer('DecryptionFailure', 'no key.'), {}, 'DecryptionFailure: no key'],
  ['what is no error', 'x', {}, 'x'],
])('%s', (_what, error, asked, reason) => {
  expect(awsReason(error, asked)).toBe(reason);
});

test('whatever is thrown is one line, without the hint for developers', () => {
  fc.assert(
    fc.property(
      fc.record({
        name: fc.string(),
        message: fc.string(),
        code: fc.option(fc.string(), { nil: undefined }),
      }),
      ({ name, message, code }) => {
        const reason = awsReason(thrown({ name, message: message + HINT, code }), {});
        expect(reason).not.toMatch(/[\r\n]|\$response/);
        expect(reason).not.toBe('');
      },
    ),
  );
});

describe('the profiles that there are', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aurora-iam-profiles-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('are those of both files', () => {
    const variables = { AWS_CONFIG_FILE: join(folder, 'c'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'k') };
    writeFileSync(
      variables.AWS_CONFIG_FILE,
      '[default]\nregion = x\n[profile dev]\n  [profile "two words"]\n[sso-session corp]\n# [profile no]\n',
    );
    writeFileSync(variables.AWS_SHARED_CREDENTIALS_FILE, '[dev]\n[keys]\naws_access_key_id = [x]\n');
    expect(profileNames(variables)).toEqual(['default', 'dev', 'two words', 'keys']);
  });

  test('are none where there is no file', () => {
    expect(profileNames({ HOME: folder })).toEqual([]);
  });
});
