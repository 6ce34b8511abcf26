import { known } from '../../../modules/diagnosis/facts';
import { tokenFindings, tokenJson, tokenText } from '../../../modules/diagnosis/token-answer';
import { readTokenLeniently } from '../../../modules/diagnosis/token-reading';
import { unknownFacts } from '../../../modules/diagnosis/unknown-facts';

const SIGNATURE = '0123456789abcdef'.repeat(4);
const SESSION = `${'IQoJb3JpZ2luX2VjSECRET'.repeat(20)}==`;
const HOST = 'shop.cluster-abc.eu-west-1.rds.amazonaws.com';
const now = new Date('2026-11-27T10:05:00Z');

interface Made {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly region?: string;
  readonly service?: string;
  readonly action?: string;
  readonly date?: string;
  readonly session?: boolean;
  readonly keyId?: string;
}

function token({
  host = HOST,
  port = 5432,
  user = 'jane',
  region = 'eu-west-1',
  service = 'rds-db',
  action = 'connect',
  date = '20261127T100000Z',
  session = true,
  keyId = session ? 'ASIAIOSFODNN7EXAMPLE' : 'AKIAIOSFODNN7EXAMPLE',
}: Made = {}): string {
  const parameters = {
    Action: action,
    DBUser: user,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${keyId}/${date.slice(0, 8)}/${region}/${service}/aws4_request`,
    'X-Amz-Date': date,
    'X-Amz-Expires': '900',
    ...(session ? { 'X-Amz-Security-Token': SESSION } : {}),
    'X-Amz-Signature': SIGNATURE,
    'X-Amz-SignedHeaders': 'host',
  };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${host}:${port}/?${query.join('&')}`;
}

function factsOf(text: string, user?: string) {
  return {
    ...unknownFacts(now, 'only the token was given'),
    asked: { user, database: 'postgres', replication: false, ownToken: true },
    token: known(readTokenLeniently(text)),
  };
}

const rulesOf = (text: string, user?: string) => tokenFindings(factsOf(text, user)).map(({ rule }) => rule);

test.each<[string, string]>([
  ['as it is made', token()],
  ['with one line break, which a shell adds', `${token()}\n`],
  ['with that of Windows', `${token()}\r\n`],
  ['of a long-term key', token({ session: false })],
  ['without the slash, as the Go SDK writes it', token().replace('/?', '?')],
  ['in a URI, percent-encoded once', `postgresql://jane:${encodeURIComponent(token())}@${HOST}:5432/shop`],
  ['in an assignment of the shell', `export PGPASSWORD="${token()}"`],
])('a token %s is whole', (_what, text) => {
  expect(rulesOf(text, 'jane')).toEqual([]);
});

test.each<[string, string, string]>([
  ['nothing', '', 'not-a-token'],
  ['a line break', '\n', 'not-a-token'],
  ['a password', 'hunter2', 'not-a-token'],
  ['the error of the command', 'Unable to locate credentials', 'not-a-token'],
  ['encoded once more', encodeURIComponent(token()), 'token-encoded'],
  ['encoded twice more', encodeURIComponent(encodeURIComponent(token())), 'token-encoded'],
  ['only its values encoded once more', token().replaceAll('%', '%25'), 'token-encoded'],
  ['raw in a URI', `postgres://jane:${token()}@${HOST}/shop`, 'token-encoded'],
  ['decoded', decodeURIComponent(token()), 'token-encoded'],
  ['in quotes', `"${token()}"`, 'token-damaged'],
  ['in quotes that JSON escapes', `\\"${token()}\\"`, 'token-damaged'],
  ['with two line breaks', `${token()}\n\n`, 'token-damaged'],
  ['with a blank at its beginning', ` ${token()}`, 'token-damaged'],
  ['wrapped by a terminal', token().replace(/(.{80})/g, '$1\n'), 'token-damaged'],
  ['with the scheme', `https://${token()}`, 'token-damaged'],
  ['as JSON escapes it', token().replaceAll('&', '\\u0026'), 'token-damaged'],
  ['cut at 100 characters, as psql 13 does', token().slice(0, 100), 'token-damaged'],
  ['cut at 1,023 bytes', token().slice(0, 500), 'token-damaged'],
  ['cut inside of its signature', token().replace(SIGNATURE, SIGNATURE.slice(0, 40)), 'token-damaged'],
  ['signed for the other user', token({ user: 'bob' }), 'token-other-user'],
  ['signed for another case', token({ user: 'Jane' }), 'token-other-user'],
  ['signed for localhost', token({ host: 'localhost', port: 15432 }), 'token-other-host'],
  ['signed for an address', token({ host: '10.0.0.5' }), 'token-other-host'],
  ['signed for a name of somebody’s own', token({ host: 'db.example.com' }), 'token-other-host'],
  ['signed for another region', token({ region: 'us-east-1' }), 'token-other-region'],
  ['of Aurora DSQL', token({ action: 'DbConnect', service: 'dsql' }), 'token-other-service'],
  ['an hour old', token({ date: '20261127T090500Z' }), 'token-expired'],
  ['of tomorrow', token({ date: '20261128T090500Z' }), 'token-expired'],
])('%s: %s', (_what, text, rule) => {
  expect(rulesOf(text, 'jane')[0]).toBe(rule);
});

test('of two faults, both are told', () => {
  expect(
    rulesOf(`'${encodeURIComponent(token({ user: 'bob', date: '20261126T100000Z' }))}'`, 'jane'),
  ).toEqual(['token-encoded', 'token-damaged', 'token-other-user', 'token-expired']);
});

test('what is told reads like this', () => {
  const facts = factsOf(`"${token()}"\n`, 'jane');
  expect(tokenText(tokenFindings(facts), facts)).toMatchInlineSnapshot(`
"The token stands in quotes, which the client sends as part of it. [token-damaged]
To mend it: leave the quotes out; jq prints without them with -r, and the AWS CLI with --output text

host                  shop.cluster-abc.eu-west-1.rds.amazonaws.com
port                  5432
Action                connect
DBUser                jane
X-Amz-Algorithm       AWS4-HMAC-SHA256
X-Amz-Credential      ASIAIOSFODNN7EXAMPLE/20261127/eu-west-1/rds-db/aws4_request
X-Amz-Date            20261127T100000Z
X-Amz-Expires         900
X-Amz-Security-Token  442 characters (secret, not shown)
X-Amz-Signature       64 characters (secret, not shown)
X-Amz-SignedHeaders   host
age                   5 minutes, good for a new connection for another 10 minutes
signed by             temporary credentials
length                815 characters
Note: the text ends with one line break, which a shell adds when it prints; the client must not send it: take $(…), which drops it, or trim what is read from a file.
Note: these clients cut a token of this length: psql 13 and older, at its prompt (keeps 99); pgagroal, before it was changed in July 2026 (keeps 256).
"
`);
});

test('neither the signature nor the session token is ever shown', () => {
  const texts = [
    token(),
    `${token()}x`,
    encodeURIComponent(token()),
    token().slice(0, 700),
    token().replace('&X-Amz-Signature=', '&X-Amz-Signature'),
    token().replace('X-Amz-Security-Token=', 'X-Amz-Date='),
    token().replace('X-Amz-Security-Token=', 'DBUser='),
    token().replace('X-Amz-SignedHeaders=host', `X-Amz-SignedHeaders=${SIGNATURE}`),
    SIGNATURE,
    `hunter2-${SESSION}`,
    ...Array.from({ length: 60 }, (_, index) => token().slice(index * 20)),
  ];
  for (const text of texts) {
    const facts = factsOf(text, 'jane');
    for (const told of [tokenText(tokenFindings(facts), facts), tokenJson(tokenFindings(facts), facts)]) {
      expect(told).not.toContain('SECRET');
      expect(told).not.toContain('0123456789abcdef0123');
      expect(told).not.toContain('hunter2');
    }
  }
});

test('a token of a temporary key without its session token is not whole', () => {
  const text = token({ session: false, keyId: 'ASIAIOSFODNN7EXAMPLE' });
  expect(tokenFindings(factsOf(text))).toEqual([
    expect.objectContaining({ rule: 'token-damaged', wayOut: expect.stringContaining('AWS_SESSION_TOKEN') }),
  ]);
  expect(tokenText([], factsOf(text))).toContain('temporary credentials');
});

test('the way out names the user of the token, where a shell takes it as it stands; of a token that is cut off, nobody knows who signed', () => {
  const answer = (text: string) => {
    const facts = factsOf(text);
    return tokenText(tokenFindings(facts), facts);
  };
  const old = (user: string) => token({ user, date: '20200101T100000Z' });
  expect(answer(old('jane'))).toContain(`--host ${HOST} --user jane\n`);
  expect(answer(old('jane;reboot'))).toContain('--user <login>\n');
  expect(answer(token())).toContain('signed by');
  expect(answer(token().slice(0, 250))).not.toContain('signed by');
});
