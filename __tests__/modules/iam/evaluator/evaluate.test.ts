import fc from 'fast-check';
import { type Decision, evaluate, parsePolicyDocument } from '../../../../modules/iam/evaluator/evaluate';
import type { NamedPolicy, PolicySet } from '../../../../modules/iam/policy-set';

const USERS = 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const APP = `${USERS}/app`;
const ALICE = {
  'aws:username': 'alice',
  'aws:userid': 'AIDAEXAMPLE',
  'aws:PrincipalArn': 'arn:aws:iam::111111111111:user/staff/alice',
  'aws:PrincipalAccount': '111111111111',
  'aws:PrincipalType': 'User',
  'aws:CurrentTime': '2026-03-01T12:00:00Z',
  'aws:EpochTime': '1772366400',
};
const ROLE_SESSION = {
  'aws:userid': 'AROAEXAMPLE:session',
  'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/orders-api',
  'aws:PrincipalAccount': '111111111111',
  'aws:PrincipalType': 'AssumedRole',
  'aws:CurrentTime': '2026-03-01T12:00:00Z',
  'aws:EpochTime': '1772366400',
  'aws:TokenIssueTime': '2026-03-01T11:30:00Z',
};

type Json = Record<string, unknown>;
type Context = Record<string, string | readonly string[]>;

function policy(name: string, statements: Json | Json[], version: string | undefined = '2012-10-17') {
  return { name, document: JSON.stringify({ Version: version, Statement: statements }) };
}
function allow(over: Json = {}): Json {
  const action = 'NotAction' in over ? {} : { Action: 'rds-db:connect' };
  return { Effect: 'Allow', ...action, ...('NotResource' in over ? {} : { Resource: APP }), ...over };
}
function deny(over: Json = {}): Json {
  return { ...allow(over), Effect: 'Deny' };
}
function connect(policies: PolicySet, resource = APP, context: Context = ALICE): Decision {
  return evaluate({ action: 'rds-db:connect', resource, context }, policies);
}
/** The decision of one identity policy with these statements. */
function decide(statements: Json | Json[], resource = APP, context: Context = ALICE): Decision {
  return connect({ identity: [policy('access', statements)] }, resource, context);
}
function under(condition: Json, context: Context = ALICE): Decision {
  return decide(allow({ Condition: condition }), APP, context);
}
const ALLOWED = expect.objectContaining({ allowed: true });
const REFUSED = { allowed: false, reason: expect.any(String) };
function unjudged(reason: RegExp) {
  return expect.objectContaining({
    allowed: false,
    cannotJudge: true,
    reason: expect.stringMatching(reason),
  });
}

describe('an Allow', () => {
  test('on the exact ARN admits the login and names the policy and the Sid', () => {
    const decision = decide(allow({ Sid: 'Connect' }));
    expect(decision).toMatchObject({
      allowed: true,
      reason: 'allowed by statement Connect of access',
      decidedBy: { policy: 'access', statement: { Sid: 'Connect', Effect: 'Allow' } },
    });
  });
  test('without a Sid is named by its number', () =>
    expect(decide([allow({ Action: 's3:*' }), allow()]).reason).toBe('allowed by statement 2 of access'));
  test('admits no login that differs in case', () =>
    expect(decide(allow(), `${USERS}/App`)).toEqual(REFUSED));
  test('with the cluster identifier in place of the resource id admits nobody', () =>
    expect(decide(allow({ Resource: APP.replace(/cluster-[A-Z]+/, 'orders-dev') }))).toEqual(REFUSED));
  test('with the resource id in lower case admits nobody', () =>
    expect(decide(allow({ Resource: APP.replace(/cluster-[A-Z]+/, (id) => id.toLowerCase()) }))).toEqual(
      REFUSED,
    ));
  test.each(['rds:*', 'rds:Describe*', 'rds:DescribeDBClusters'])(
    'of %s on a dbuser ARN admits nobody',
    (Action) => expect(decide(allow({ Action }))).toEqual(REFUSED),
  );
  test.each(['*', 'rds-db:*', 'RDS-DB:Connect', 'rds-db:con?ect', 'rds-db:c*t'])(
    'of the action %s admits',
    (Action) => expect(decide(allow({ Action }))).toEqual(ALLOWED),
  );
  test('of * on * admits', () => expect(decide(allow({ Action: '*', Resource: '*' }))).toEqual(ALLOWED));
  test('with NotAction admits to what is not listed', () => {
    expect(decide(allow({ NotAction: 'iam:*' }))).toEqual(ALLOWED);
    expect(decide(allow({ NotAction: ['iam:*', 'rds-db:*'] }))).toEqual(REFUSED);
  });
  test('with NotResource admits whom it does not list', () => {
    expect(decide(allow({ NotResource: `${USERS}/admin` }))).toEqual(ALLOWED);
    expect(decide(allow({ NotResource: `${USERS}/admin` }), `${USERS}/admin`)).toEqual(REFUSED);
  });
  test('is not needed in more than one of several policies', () =>
    expect(
      connect({ identity: [policy('other', allow({ Action: 's3:*' })), policy('mine', allow())] }),
    ).toMatchObject({
      allowed: true,
      decidedBy: { policy: 'mine' },
    }));
  test('that is missing is said', () =>
    expect(connect({ identity: [] })).toEqual({
      allowed: false,
      reason: `no policy of the principal allows rds-db:connect on ${APP}`,
    }));
});

describe('wildcards in a Resource', () => {
  test.each([
    `${USERS}/*`,
    `${USERS}/a?p`,
    'arn:aws:rds-db:*:*:dbuser:*/app',
    'arn:aws:rds-db:eu-*-1:111111111111:dbuser:cluster-*/app',
    'arn:*:rds-db:eu-west-1:111111111111:dbuser:*',
  ])('%s matches', (Resource) => expect(decide(allow({ Resource }))).toEqual(ALLOWED));
  test.each(['arn:aws:rds-db:*', APP.replace('111111111111:dbuser', '*')])(
    'a * that ends a segment reaches beyond the colon: %s',
    (Resource) => expect(decide(allow({ Resource }))).toEqual(ALLOWED),
  );
  test.each([`${USERS}/?`, `${USERS}/app?`, 'arn:aws:rds-db:us-*:*:dbuser:*'])(
    '%s does not match',
    (Resource) => expect(decide(allow({ Resource }))).toEqual(REFUSED),
  );
  test('a * inside a segment is not taken to span a colon', () =>
    expect(decide(allow({ Resource: 'arn:aws:rds-db:eu*1:dbuser:cluster-*/app' }))).toEqual(
      unjudged(/spans a colon/),
    ));
  test('a ? is not taken for a colon', () =>
    expect(decide(allow({ Resource: APP.replace('dbuser:', 'dbuser?') }))).toEqual(
      unjudged(/spans a colon/),
    ));
  test('a wildcard in place of the service is not judged', () =>
    expect(decide(allow({ Resource: 'arn:aws:rds*:*:*:dbuser:*' }))).toEqual(unjudged(/service/)));
  test('a wildcard in the request is not one', () => expect(decide(allow(), `${USERS}/*`)).toEqual(REFUSED));
  test.each([
    ['many wildcards', '*a'.repeat(500)],
    ['one long run of *', `${'*'.repeat(2000)}b`],
  ])('a pattern of %s is decided quickly', (_kind, login) => {
    const started = performance.now();
    const decision = decide(allow({ Resource: `${USERS}/${login}` }), `${USERS}/${'a'.repeat(499)}`);
    expect(decision).toEqual(REFUSED);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('a Deny', () => {
  test('wins over an Allow, whichever policy it is in', () =>
    expect(
      connect({
        identity: [policy('access', allow()), policy('guard', deny({ Sid: 'Stop', Resource: '*' }))],
      }),
    ).toMatchObject({
      allowed: false,
      reason: 'explicit Deny: statement Stop of guard',
      decidedBy: { policy: 'guard', statement: { Effect: 'Deny' } },
    }));
  test.each(['boundary', 'session'] as const)('in the %s wins', (layer) => {
    const guard = policy('guard', [allow({ Resource: '*' }), deny()]);
    const layers = layer === 'boundary' ? { boundary: guard } : { session: [guard] };
    expect(connect({ identity: [policy('access', allow())], ...layers }).reason).toMatch(
      /explicit Deny.*guard/,
    );
  });
  test('with NotAction stops everything that is not listed', () => {
    expect(decide([allow(), deny({ NotAction: 's3:*', Resource: '*' })])).toMatchObject({ allowed: false });
    expect(decide([allow(), deny({ NotAction: 'rds-db:*', Resource: '*' })])).toEqual(ALLOWED);
  });
  test('with NotResource spares only what is listed', () => {
    expect(decide([allow(), deny({ NotResource: APP })])).toEqual(ALLOWED);
    expect(decide([allow(), deny({ NotResource: `${USERS}/other` })])).toMatchObject({ allowed: false });
  });
  test('of another login does no harm', () =>
    expect(decide([allow(), deny({ Resource: `${USERS}/other` })])).toEqual(ALLOWED));
  test('is the reason even where another policy is malformed', () =>
    expect(
      connect({ identity: [{ name: 'broken', document: '{' }, policy('guard', deny())] }).reason,
    ).toMatch(/explicit Deny.*guard/));
});

describe('the layers', () => {
  const identity = [policy('access', allow())];
  test('a boundary without rds-db refuses, whatever the identity allows', () =>
    expect(
      connect({ identity, boundary: policy('limits', allow({ Action: 's3:*', Resource: '*' })) }),
    ).toEqual({
      allowed: false,
      reason: `the permissions boundary limits does not allow rds-db:connect on ${APP}`,
    }));
  test('a boundary alone grants nothing', () =>
    expect(connect({ identity: [], boundary: policy('limits', allow()) })).toEqual(REFUSED));
  test('a boundary that allows too lets through, and the identity policy is named', () =>
    expect(connect({ identity, boundary: policy('limits', allow({ Resource: '*' })) }).reason).toBe(
      'allowed by statement 1 of access',
    ));
  test('a session policy that omits the login refuses', () =>
    expect(
      connect({ identity, session: [policy('session', allow({ Resource: `${USERS}/other` }))] }).reason,
    ).toMatch(/^no session policy allows/));
  test('one of several session policies is enough', () =>
    expect(
      connect({ identity, session: [policy('one', allow({ Action: 's3:*' })), policy('two', allow())] }),
    ).toEqual(ALLOWED));
  test('an empty list of session policies allows nothing', () =>
    expect(connect({ identity, session: [] })).toEqual(REFUSED));
  test('a session policy alone grants nothing', () =>
    expect(connect({ identity: [], session: [policy('session', allow())] })).toEqual(REFUSED));
});

describe('policy variables', () => {
  const own = allow({ Resource: `${USERS}/\${aws:username}` });
  test('let an IAM user in under their own name, and no other', () => {
    expect(decide(own, `${USERS}/alice`)).toEqual(ALLOWED);
    expect(decide(own, `${USERS}/bob`)).toEqual(REFUSED);
  });
  test('are found in any case of the key', () => {
    expect(decide(allow({ Resource: `${USERS}/\${AWS:UserName}` }), `${USERS}/alice`)).toEqual(ALLOWED);
    expect(decide(own, `${USERS}/alice`, { ...ALICE, 'aws:username': [], 'AWS:USERNAME': 'alice' })).toEqual(
      ALLOWED,
    );
  });
  test('have no user name for a role, and the refusal says so', () => {
    const decision = decide(own, `${USERS}/alice`, ROLE_SESSION);
    expect(decision).toEqual(REFUSED);
    expect(decision.reason).toContain('${aws:username} has no value in this request');
  });
  test('without a value in a Deny refuse, because IAM may ignore the Deny or not', () =>
    expect(decide([allow(), deny({ Resource: `${USERS}/\${aws:username}` })], APP, ROLE_SESSION)).toEqual(
      unjudged(/Deny.*\$\{aws:username\} has no value/),
    ));
  test('without a value make the resources beside them unreliable', () =>
    expect(decide(allow({ Resource: [APP, `${USERS}/\${aws:username}`] }), APP, ROLE_SESSION)).toEqual(
      unjudged(/has no value/),
    ));
  test('in an ARN of another service do no harm to a Deny', () =>
    expect(
      decide(
        [allow(), deny({ Action: '*', Resource: 'arn:aws:s3:::home/${aws:username}' })],
        APP,
        ROLE_SESSION,
      ),
    ).toEqual(ALLOWED));
  test('fall back to their default', () =>
    expect(decide(allow({ Resource: `${USERS}/\${aws:username, 'app'}` }), APP, ROLE_SESSION)).toEqual(
      ALLOWED,
    ));
  test('bring in literal characters, no wildcards', () => {
    const starred = { ...ALICE, 'aws:username': '*' };
    expect(decide(own, `${USERS}/bob`, starred)).toEqual(REFUSED);
    expect(decide(own, `${USERS}/*`, starred)).toEqual(ALLOWED);
  });
  test.each([
    ['${*}', '*'],
    ['${?}', '?'],
    ['${$}', '$'],
    ['${$}{aws:username}', '${aws:username}'],
    ['$${aws:username}', '$alice'],
  ])('%s stands for %s', (written, login) => {
    expect(decide(allow({ Resource: `${USERS}/${written}` }), `${USERS}/${login}`)).toEqual(ALLOWED);
    expect(decide(allow({ Resource: `${USERS}/${written}` }), APP)).toEqual(REFUSED);
  });
  test.each(['2008-10-17', null])('are literal text in version %s', (version) => {
    const document = JSON.stringify({ ...(version && { Version: version }), Statement: own });
    const old = { identity: [{ name: 'old', document }] };
    expect(connect(old, `${USERS}/alice`)).toEqual(REFUSED);
    expect(connect(old, `${USERS}/\${aws:username}`)).toEqual(ALLOWED);
  });
  test.each([
    `${USERS}/\${aws:PrincipalTag/team}`,
    `${USERS}/\${aws:PrincipalTag/team, 'app'}`,
    `${USERS}/\${aws:CurrentTime}`,
    `${USERS}/\${ aws:username }`,
    `${USERS}/\${aws:username`,
    'arn:aws:rds-db:eu-west-1:${aws:PrincipalAccount}:dbuser:*',
  ])('%s is not judged', (Resource) => expect(decide(allow({ Resource }))).toEqual(unjudged(/\$\{/)));
});

describe('conditions', () => {
  test.each<[Json]>([
    [{ StringEquals: { 'aws:username': 'alice' } }],
    [{ StringEquals: { 'AWS:USERNAME': ['bob', 'alice'] } }],
    [{ StringEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:user/staff/${aws:username}' } }],
    [{ StringNotEquals: { 'aws:username': ['bob', 'carol'] } }],
    [{ StringEqualsIgnoreCase: { 'aws:username': 'ALICE' } }],
    [{ StringNotEqualsIgnoreCase: { 'aws:username': 'BOB' } }],
    [{ StringLike: { 'aws:username': 'a?i*' } }],
    [{ StringNotLike: { 'aws:username': 'b*' } }],
    [{ StringEquals: { 'aws:PrincipalAccount': 111111111111 } }],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/*' } }],
    [{ ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:user/staff/*' } }],
    [{ ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } }],
    [{ NumericGreaterThan: { 'aws:EpochTime': '1772366399.5' } }],
    [{ NumericLessThanEquals: { 'aws:EpochTime': 1772366400 } }],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-03-01T12:00:01Z' } }],
    [{ DateEquals: { 'aws:CurrentTime': '2026-03-01T14:00:00.000+02:00' } }],
    [{ DateGreaterThanEquals: { 'aws:EpochTime': '2026-03-01T12:00Z' } }],
    [{ DateGreaterThan: { 'aws:CurrentTime': '2026-03-01' } }],
    [{ DateNotEquals: { 'aws:CurrentTime': '1772366401' } }],
    [{ Null: { 'aws:TokenIssueTime': 'true', 'aws:username': false } }],
    [{ 'ForAnyValue:StringEquals': { 'aws:username': ['alice', 'bob'] } }],
    [{ 'ForAllValues:StringLike': { 'aws:username': 'a*' } }],
    [{}],
  ])('%j holds for the IAM user alice', (condition) => expect(under(condition)).toEqual(ALLOWED));

  test.each<[Json]>([
    [{ StringEquals: { 'aws:username': 'Alice' } }],
    [{ StringEquals: { 'aws:username': 'a*' } }],
    [{ StringEquals: { 'aws:username': 'alice', 'aws:PrincipalType': 'AssumedRole' } }],
    [{ StringEquals: { 'aws:username': 'alice' }, StringLike: { 'aws:userid': 'AROA*' } }],
    [{ StringNotEquals: { 'aws:username': ['bob', 'alice'] } }],
    [{ StringLike: { 'aws:username': 'a${*}' } }],
    [{ StringNotLike: { 'aws:username': ['b*', 'a*'] } }],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam:*:user/staff/alice:' } }],
    [{ NumericEquals: { 'aws:EpochTime': '1' } }],
    [{ NumericNotEquals: { 'aws:EpochTime': '1772366400' } }],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-03-01T12:00:00Z' } }],
    [{ Null: { 'aws:TokenIssueTime': 'false' } }],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:username': ['alice'] } }],
  ])('%j does not hold for the IAM user alice', (condition) => expect(under(condition)).toEqual(REFUSED));

  test.each<[Json]>([
    [{ StringNotEquals: { 'aws:username': 'alice' } }],
    [{ StringEqualsIfExists: { 'aws:username': 'alice' } }],
    [{ 'ForAllValues:StringEquals': { 'aws:username': 'alice' } }],
    [{ Null: { 'aws:username': 'true' } }],
    [{ DateGreaterThan: { 'aws:TokenIssueTime': '2026-03-01T11:00:00Z' } }],
    [{ ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/orders-api' } }],
  ])('%j holds for a role, which has no user name', (condition) =>
    expect(under(condition, ROLE_SESSION)).toEqual(ALLOWED),
  );

  test.each<[Json]>([
    [{ StringEquals: { 'aws:username': 'alice' } }],
    [{ 'ForAnyValue:StringEquals': { 'aws:username': 'alice' } }],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:username': 'alice' } }],
  ])('%j does not hold for a role, which has no user name', (condition) =>
    expect(under(condition, ROLE_SESSION)).toEqual(REFUSED),
  );

  test('ForAnyValue asks for one of several values, ForAllValues for all of them', () => {
    const several = { ...ALICE, 'aws:username': ['alice', 'bob'] };
    expect(under({ 'ForAnyValue:StringEquals': { 'aws:username': 'alice' } }, several)).toEqual(ALLOWED);
    expect(under({ 'ForAllValues:StringEquals': { 'aws:username': 'alice' } }, several)).toEqual(REFUSED);
  });
  test('an empty string is an empty set to ForAllValues and ForAnyValue', () => {
    const empty = { ...ALICE, 'aws:username': '' };
    expect(under({ 'ForAllValues:StringEquals': { 'aws:username': 'alice' } }, empty)).toEqual(ALLOWED);
    expect(under({ 'ForAnyValue:StringNotEquals': { 'aws:username': 'alice' } }, empty)).toEqual(REFUSED);
  });
  test('an ARN operator leaves colons to the sixth component', () =>
    expect(
      under(
        { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/*/alice' } },
        { ...ALICE, 'aws:PrincipalArn': 'arn:aws:iam::111111111111:user/a:b:c/alice' },
      ),
    ).toEqual(ALLOWED));
  test('IfExists still compares a key that is there', () =>
    expect(under({ StringEqualsIfExists: { 'aws:username': 'bob' } })).toEqual(REFUSED));
  test('a Deny of sessions older than a moment stops those only', () => {
    const revoke = (before: string) => [
      allow(),
      deny({ Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': before } } }),
    ];
    expect(decide(revoke('2026-03-01T11:31:00.000Z'), APP, ROLE_SESSION).reason).toMatch(/explicit Deny/);
    expect(decide(revoke('2026-03-01T11:29:00.000Z'), APP, ROLE_SESSION)).toEqual(ALLOWED);
    expect(decide(revoke('2026-03-01T11:31:00.000Z'), APP, ALICE)).toEqual(ALLOWED);
  });
});

describe('what cannot be judged', () => {
  const network = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
  test.each<[Json, RegExp]>([
    [network, /aws:SourceIp is not supported for rds-db:connect/],
    [{ Bool: { 'aws:SecureTransport': 'true' } }, /aws:SecureTransport/],
    [{ StringEquals: { 'aws:PrincipalTag/team': 'red' } }, /aws:PrincipalTag\/team/],
    [{ StringEqualsIfExists: { 'aws:ResourceTag/team': 'red' } }, /aws:ResourceTag\/team/],
    [{ Null: { 'aws:MultiFactorAuthAge': 'true' } }, /aws:MultiFactorAuthAge/],
    [{ StringSimilar: { 'aws:username': 'alice' } }, /operator StringSimilar is not known/],
    [{ BinaryEquals: { 'aws:username': 'YWxpY2U=' } }, /operator BinaryEquals is not known/],
    [{ constructor: { 'aws:username': 'alice' } }, /operator constructor is not known/],
    [{ 'ForAllValues:Null': { 'aws:username': 'false' } }, /operator ForAllValues:Null is not known/],
    [{ NumericEquals: { 'aws:username': '1' } }, /not documented to work with NumericEquals/],
    [{ Bool: { 'aws:username': 'true' } }, /condition operator Bool is not known/],
    [{ DateLessThan: { 'aws:CurrentTime': 'tomorrow' } }, /tomorrow is not a Date value/],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-02-30' } }, /2026-02-30 is not a Date value/],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-13-01' } }, /2026-13-01 is not a Date value/],
    [{ DateLessThan: { 'aws:CurrentTime': '2026' } }, /2026 is not a Date value/],
    [{ NumericEquals: { 'aws:EpochTime': '0x10' } }, /0x10 is not a Numeric value/],
    [{ ArnLike: { 'aws:PrincipalArn': '*' } }, /six components/],
    [{ Null: { 'aws:username': 'yes' } }, /Null takes true or false/],
    [{ StringEquals: { 'aws:username': ['alice', '${aws:PrincipalTag/name}'] } }, /aws:PrincipalTag\/name/],
  ])('%j in an Allow refuses, and in a Deny too', (condition, reason) => {
    expect(under(condition)).toEqual(unjudged(reason));
    expect(decide([allow(), deny({ Condition: condition })])).toEqual(unjudged(reason));
  });
  test('a key of a service is judged in a request that says that it has it', () => {
    const condition = { ArnLike: { 'iam:PolicyARN': 'arn:aws:iam::111111111111:policy/orders.*' } };
    const decideWith = (arn?: string) =>
      evaluate(
        {
          action: 'rds-db:connect',
          resource: APP,
          context: arn ? { ...ALICE, 'iam:policyarn': arn } : ALICE,
          keys: [{ name: 'iam:PolicyARN', worksWith: ['Arn', 'String'], inEveryRequest: false }],
        },
        { identity: [policy('access', allow({ Condition: condition }))] },
      );
    expect(decideWith('arn:aws:iam::111111111111:policy/orders.a')).toEqual(ALLOWED);
    expect(decideWith('arn:aws:iam::111111111111:policy/others.a')).toEqual(REFUSED);
    expect(decideWith()).toEqual(REFUSED);
    expect(under(condition)).toEqual(unjudged(/iam:PolicyARN/));
  });
  test('a key of every request whose value was not given is not taken for absent', () =>
    expect(under({ StringNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::1:user/x' } }, {})).toEqual(
      unjudged(/aws:PrincipalArn, but its value was not given/),
    ));
  test('several values of one key need a set operator', () =>
    expect(
      under({ StringEquals: { 'aws:username': 'alice' } }, { ...ALICE, 'aws:username': ['alice', 'bob'] }),
    ).toEqual(unjudged(/needs ForAllValues or ForAnyValue/)));
  test('does not matter beside another Allow', () =>
    expect(decide([allow({ Condition: network }), allow()])).toEqual(ALLOWED));
  test('does not matter in a statement about another resource or action', () => {
    expect(decide([allow(), deny({ Resource: `${USERS}/other`, Condition: network })])).toEqual(ALLOWED);
    expect(decide([allow(), deny({ Action: 's3:*', Resource: '*', Condition: network })])).toEqual(ALLOWED);
  });
  test('does not matter in a statement that another condition rules out', () =>
    expect(
      decide([allow(), deny({ Condition: { ...network, StringEquals: { 'aws:username': 'bob' } } })]),
    ).toEqual(ALLOWED));
  test('is not the reason where another layer surely refuses', () => {
    const doubtful = [policy('doubtful', allow({ Condition: network }))];
    const elsewhere = [policy('elsewhere', allow({ Action: 's3:*' }))];
    expect(connect({ identity: doubtful, session: elsewhere })).toEqual(REFUSED);
    expect(connect({ identity: elsewhere, session: doubtful })).toEqual(REFUSED);
  });
  test('in a boundary or a session policy refuses', () => {
    const identity = [policy('access', allow())];
    const doubtful = policy('limits', allow({ Condition: network }));
    expect(connect({ identity, boundary: doubtful })).toEqual(unjudged(/boundary limits.*aws:SourceIp/));
    expect(connect({ identity, session: [doubtful] })).toEqual(
      unjudged(/session policy.*limits.*aws:SourceIp/),
    );
  });
});

describe('a malformed document', () => {
  test.each<[string, string | Json | Json[], RegExp]>([
    ['no JSON', '{"Statement": [', /not JSON/],
    ['a list at the top', '[]', /the document is not a JSON object/],
    ['no Statement', '{"Version":"2012-10-17"}', /no Statement/],
    ['an empty Statement', [], /Statement is empty/],
    ['an unknown Version', '{"Version":"2020-01-01","Statement":[]}', /Version/],
    ['a character outside Latin-1', '{"Id":"\u212a","Statement":[]}', /character that IAM does not accept/],
    [
      'a key given twice',
      '{"Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}',
      /"Effect" is given twice/,
    ],
    ['no Effect', { Action: '*', Resource: '*' }, /Effect of statement 1/],
    ['an Effect in lower case', allow({ Effect: 'allow' }), /Effect of statement 1/],
    ['Action and NotAction', { ...allow(), NotAction: 's3:*' }, /either Action or NotAction/],
    ['neither Action nor NotAction', { Effect: 'Allow', Resource: '*' }, /either Action or NotAction/],
    ['Resource and NotResource', { ...allow(), NotResource: '*' }, /either Resource or NotResource/],
    ['no Resource', { Effect: 'Allow', Action: '*' }, /either Resource or NotResource/],
    ['a Principal', allow({ Principal: '*' }), /Principal/],
    ['an Action that is a number', allow({ Action: 7 }), /Action of statement 1 is not a string/],
    ['an Action without a service', allow({ Action: 'connect' }), /neither \* nor service:action/],
    ['an empty list of resources', allow({ Resource: [] }), /Resource of statement 1 is empty/],
    ['a Resource that is no ARN', allow({ Resource: 'cluster-ABC/app' }), /neither \* nor an ARN/],
    [
      'a Condition that is a string',
      allow({ Condition: 'always' }),
      /Condition of statement 1 is not a JSON object/,
    ],
    ['an operator without keys', allow({ Condition: { StringEquals: {} } }), /StringEquals.* is empty/],
    [
      'a condition value that is an object',
      allow({ Condition: { Null: { 'aws:username': {} } } }),
      /aws:username/,
    ],
    ['an unknown element', allow({ Conditions: {} }), /not in the grammar: "Conditions"/],
    ['a Sid with a space', allow({ Sid: 'my statement' }), /Sid of statement 1/],
    ['one Sid twice', [allow({ Sid: 'A' }), allow({ Sid: 'A' })], /two statements have the Sid A/],
  ])('with %s refuses in one line that names policy and fault', (_fault, content, reason) => {
    const broken: NamedPolicy =
      typeof content === 'string' ? { name: 'broken', document: content } : policy('broken', content);
    const decision = connect({ identity: [policy('access', allow()), broken] });
    expect(decision).toEqual(unjudged(reason));
    expect(decision.reason).toMatch(/^the policy broken is malformed: .+$/);
    expect(() => parsePolicyDocument(broken.document)).toThrow(
      expect.objectContaining({ name: 'PolicyDocumentError' }),
    );
  });
  test('is none where one statement stands without a list, and equal keys stand in different objects', () =>
    expect(parsePolicyDocument(policy('fine', allow()).document).Statement).toEqual([allow()]));
});

describe('for any policies', () => {
  const login = fc.stringMatching(/^[a-cA-C_]{1,3}$/);
  const resource = fc.oneof(
    login.map((name) => `${USERS}/${name}`),
    fc.constantFrom('*', `${USERS}/*`, `${USERS}/?`, `${USERS}/\${aws:username}`, 'arn:aws:s3:::x'),
  );
  const action = fc.constantFrom('rds-db:connect', 'rds-db:*', '*', 's3:*');
  const condition = fc.constantFrom<Json>(
    {},
    { StringLike: { 'aws:username': 'a*' } },
    { Bool: { 'aws:SecureTransport': 'true' } },
    { StringNotEquals: { 'aws:username': 'alice' } },
  );
  const statement = fc
    .tuple(
      fc.constantFrom('Allow', 'Deny'),
      fc.tuple(fc.constantFrom('Action', 'NotAction'), action),
      fc.tuple(fc.constantFrom('Resource', 'NotResource'), resource),
      condition,
    )
    .map(
      ([Effect, actions, resources, Condition]): Json => ({
        Effect,
        ...Object.fromEntries([actions, resources]),
        Condition,
      }),
    );
  const statements = fc.array(statement, { minLength: 1, maxLength: 4 });
  const caller = fc.constantFrom<Context>(ALICE, ROLE_SESSION);

  test('one more Deny never turns a refusal into an Allow', () =>
    fc.assert(
      fc.property(statements, statement, login, caller, (given, more, name, context) => {
        const target = `${USERS}/${name}`;
        fc.pre(!decide(given, target, context).allowed);
        expect(decide([...given, { ...more, Effect: 'Deny' }], target, context).allowed).toBe(false);
      }),
    ));
  test('one more layer never turns a refusal into an Allow', () =>
    fc.assert(
      fc.property(statements, statements, login, caller, (given, limits, name, context) => {
        const identity = [policy('access', given)];
        const target = `${USERS}/${name}`;
        const limited = connect({ identity, session: [policy('limits', limits)] }, target, context);
        expect(limited.allowed && !connect({ identity }, target, context).allowed).toBe(false);
      }),
    ));
  test('an Allow on the exact ARN admits that login only', () =>
    fc.assert(
      fc.property(login, login, (granted, tried) => {
        const decision = decide(allow({ Resource: `${USERS}/${granted}` }), `${USERS}/${tried}`);
        expect(decision.allowed).toBe(granted === tried);
      }),
    ));
});
