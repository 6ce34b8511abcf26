import { answerText } from '../../../modules/diagnosis/answer';
import { CAUSES } from '../../../modules/diagnosis/causes';
import { diagnose } from '../../../modules/diagnosis/diagnose';
import { type Facts, known, notKnown } from '../../../modules/diagnosis/facts';
import { MESSAGES } from '../../../modules/diagnosis/messages/messages';
import { seenIn } from '../../../modules/diagnosis/seen';
import { unknownFacts } from '../../../modules/diagnosis/unknown-facts';
import { readEndpoint } from '../../../modules/names/endpoint';

const now = new Date('2026-11-27T10:00:00Z');
const nothing = unknownFacts(now, 'nobody has looked');
const host = 'shop.cluster-abc.eu-west-1.rds.amazonaws.com';

const asked: Facts['asked'] = { user: 'analyst', database: 'shop', replication: false, ownToken: false };
const tried = (message: string, sqlstate?: string): Partial<Facts> => ({
  tried: known(seenIn(message, sqlstate)),
});
const caller = {
  kind: 'assumed-role',
  arn: 'arn:aws:sts::111111111111:assumed-role/analysts/jane',
  account: '111111111111',
  principalArn: 'arn:aws:iam::111111111111:role/analysts',
  name: 'analysts',
  userId: 'AROAEXAMPLE:jane',
  sessionPolicies: [],
  sessionPolicyArns: [],
} as const;
const cluster = (changes = {}): Partial<Facts> => ({
  cluster: known({
    kind: 'cluster',
    identifier: 'shop',
    region: 'eu-west-1',
    found: {
      arn: 'arn:aws:rds:eu-west-1:111111111111:cluster:shop',
      resourceId: 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ',
      status: 'available',
      engine: 'aurora-postgresql',
      endpoints: [host],
      port: 5432,
      iamAuthentication: true,
      iamAuthenticationPending: undefined,
      masterUsername: 'postgres',
      masterHasPassword: true,
      logExports: [],
      internetAccessGateway: undefined,
      vpcNetworking: undefined,
      proxyWithSecrets: false,
      instances: [],
      ...changes,
    },
  }),
});
const policies = (...Resource: string[]): Partial<Facts> => ({
  permission: {
    ...nothing.permission,
    policies: known({
      caller,
      policies: {
        identity: [
          {
            name: 'inline policy connect of role analysts',
            document: JSON.stringify({
              Version: '2012-10-17',
              Statement: { Effect: 'Allow', Action: 'rds-db:connect', Resource },
            }),
          },
        ],
      },
    }),
  },
});
const facts = (...parts: Partial<Facts>[]): Facts => Object.assign({}, nothing, { asked }, ...parts);
const PAM = tried('PAM authentication failed for user "analyst"', '28000');

test('what nobody has looked at is never called right', () => {
  const { checks, outcome, suspects } = diagnose(facts());
  expect(checks.map(({ status }) => status)).toEqual(checks.map(() => 'not checked'));
  expect(outcome).toBe('not looked at');
  expect(suspects.length).toBeGreaterThan(5);
});

test.each(MESSAGES.map(({ kind, shown }) => [kind, shown]))(
  'after %s, only what the message proves is called right',
  (_kind, shown) => {
    const { checks } = diagnose(facts(tried(shown)));
    const right = checks.filter(({ status }) => status === 'ok').map(({ step }) => step);
    for (const step of right) expect(['network', 'tls', 'permission', 'database']).toContain(step);
    if (/Connection refused|timeout expired|translate host name/.test(shown)) expect(right).toEqual([]);
    if (/password authentication failed/.test(shown)) expect(right).toEqual(['network', 'tls']);
  },
);

test('the answer stands on top, in words that need no manual', () => {
  const found = facts(PAM, cluster(), policies('arn:aws:rds-db:eu-west-1:111111111111:dbuser:shop/analyst'), {
    endpoint: known({
      given: host,
      alias: false,
      endpoint: readEndpoint(host),
      port: 5432,
      region: 'eu-west-1',
      regionGiven: undefined,
    }),
  });
  expect(answerText(diagnose(found), found)).toMatchInlineSnapshot(`
"Inline policy connect of role analysts names "shop", which is the identifier of cluster shop; the resource id is cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ, so statement 1 matches nothing of this cluster. [policy-other-cluster]
To mend it: write arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/analyst instead of arn:aws:rds-db:eu-west-1:111111111111:dbuser:shop/analyst

not checked  identity    nobody has looked
ok           endpoint    shop.cluster-abc.eu-west-1.rds.amazonaws.com, port 5432: the writer of a cluster in eu-west-1
ok           network     shop.cluster-abc.eu-west-1.rds.amazonaws.com answers
ok           tls         on; the certificate is of this endpoint, and a trusted authority signed it
ok           cluster     cluster shop is available, aurora-postgresql, with IAM authentication on; its resource id is cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ
not checked  clock       nobody has looked
not checked  token       nobody has looked
failed       permission  inline policy connect of role analysts names "shop", which is the identifier of cluster shop; the resource id is cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ, so statement 1 matches nothing of this cluster
ok           database    user "analyst" exists and is in rds_iam: the message proves it. Nobody looked further: nobody has looked
not checked  service     nobody has looked
failed       login       PAM authentication failed for user "analyst" (28000)
"
`);
});

test('where the cause is not found, the list begins with the most frequent', () => {
  const { outcome, suspects } = diagnose(facts(PAM));
  expect(outcome).toBe('unexplained');
  expect(suspects[0]?.ids).toContain('policy-other-cluster');
});

test('a cause that does not explain the message is told besides', () => {
  const { cause, also } = diagnose(
    facts(tried('role "analyst" is not permitted to log in', '28000'), cluster({ status: 'stopped' })),
  );
  expect(cause?.rule).toBe('no-login');
  expect(also.map(({ rule }) => rule)).toEqual(['cluster-not-available']);
});

test.each<[string, Partial<Facts>, string]>([
  [
    'the policy of another account',
    policies('arn:aws:rds-db:eu-west-1:222222222222:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/analyst'),
    'policy-other-cluster',
  ],
  [
    'a resource id of another cluster',
    policies('arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ZZZZZZZZZZZZZZZZZZZZZZZZZZ/analyst'),
    'policy-other-cluster',
  ],
  [
    'another login',
    policies('arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/Analyst'),
    'policy-other-login',
  ],
  [
    'the name of an IAM user, for a role',
    policies(
      'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/${aws:username}',
    ),
    'policy-other-login',
  ],
  ['the ARN of the cluster', policies('arn:aws:rds:eu-west-1:111111111111:cluster:shop'), 'policy-missing'],
])('%s: %s', (_what, permission, id) => {
  expect(diagnose(facts(PAM, cluster(), permission)).cause?.rule).toBe(id);
});

test('behind a proxy, the id of the cluster in a policy is told from that of the proxy', () => {
  const proxy: Partial<Facts> = {
    cluster: known({
      kind: 'proxy',
      identifier: 'pooled',
      region: 'eu-west-1',
      found: {
        ...(cluster().cluster as { value: { found: object } }).value.found,
        arn: 'arn:aws:rds:eu-west-1:111111111111:db-proxy:prx-0123456789abcdef0',
        resourceId: 'prx-0123456789abcdef0',
      } as never,
    }),
  };
  const behind = policies(
    'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/analyst',
  );
  const { cause } = diagnose(facts(PAM, proxy, behind));
  expect(cause).toMatchObject({
    rule: 'policy-other-cluster',
    message: expect.stringContaining('behind the proxy'),
  });
  expect(cause?.wayOut).toContain('dbuser:prx-0123456789abcdef0/analyst');
});

test('an explicit Deny is named before the policy that is missing, and the simulator speaks where nobody may read', () => {
  const simulation = (changes: object): Partial<Facts> => ({
    permission: {
      ...nothing.permission,
      simulation: known({
        decision: 'implicitDeny',
        allowedByOrganization: undefined,
        allowedByBoundary: undefined,
        ...changes,
      }),
    },
  });
  const causeOf = (changes: object) => diagnose(facts(PAM, cluster(), simulation(changes))).cause?.rule;
  expect(causeOf({ decision: 'explicitDeny' })).toBe('policy-denied');
  expect(causeOf({ allowedByOrganization: false })).toBe('organization-policy');
  expect(causeOf({ allowedByBoundary: false })).toBe('boundary-without-connect');
  expect(causeOf({})).toBe('policy-missing');
});

test('what the log said an hour ago is not what is wrong now', () => {
  const line = (minutes: number) => ({
    at: new Date(now.getTime() - minutes * 60_000),
    text: '[ERROR] Failed to authorize the connection request for user analyst due to IAM DB authentication throttling. (Status Code: 429, Error Code: ThrottlingException)',
  });
  const withLog = (minutes: number) => diagnose(facts(PAM, { log: known([line(minutes)]) })).cause?.rule;
  expect(withLog(5)).toBe('throttled');
  expect(withLog(50)).toBeUndefined();
});

test('every cause says of nothing that nobody has looked, or rules itself out; none is found', () => {
  for (const { judge } of CAUSES) expect(judge(facts({ inside: notKnown('x') })).is).not.toBe('found');
});

test('a login that neither the environment nor the database has: the way out goes through the environment', () => {
  const environment = {
    name: 'prod',
    logins: ['jane', 'joe'],
    isLogin: false,
    admin: { username: 'admin', byToken: false },
    principals: [],
  };
  const inside = {
    by: 'postgres',
    role: undefined,
    alike: [],
    paths: [],
    inRdsAd: false,
    database: undefined,
    databases: [],
    iamForReplication: undefined,
  };
  const refused = tried('password authentication failed for user "analyst"', '28P01');
  const { cause } = diagnose(
    facts(refused, { asked: { ...asked, environment } as Facts['asked'], inside: known(inside) }),
  );
  expect(cause).toMatchObject({ rule: 'no-such-role', wayOut: expect.stringContaining('(jane, joe)') });
  expect(cause?.wayOut).not.toContain('CREATE ROLE');
});

describe('an express cluster', () => {
  const express = cluster({ internetAccessGateway: true, vpcNetworking: false });
  const inside = (changes = {}): Partial<Facts> => ({
    inside: known({
      by: 'postgres',
      role: { login: true, replication: false, connectionLimit: -1, connections: 0 },
      alike: [],
      paths: [],
      inRdsAd: false,
      database: undefined,
      databases: [],
      iamForReplication: undefined,
      ...changes,
    }),
  });
  const clusterLine = (changes: object) =>
    diagnose(facts(cluster(changes))).checks.find(({ step }) => step === 'cluster')?.detail;

  test('is told from others where RDS says so, and only there', () => {
    expect(clusterLine({ internetAccessGateway: true, vpcNetworking: false })).toMatch(
      /\. It has express configuration: an internet access gateway, no VPC; every login must be an IAM one$/,
    );
    expect(clusterLine({ internetAccessGateway: true, vpcNetworking: true })).toContain('gateway and a VPC;');
    // Whether RDS leaves the fields out for other clusters is not known.
    for (const changes of [
      {},
      { internetAccessGateway: false, vpcNetworking: false },
      { vpcNetworking: true },
    ])
      expect(clusterLine(changes)).not.toContain('express');
  });

  test('has no logins with a password: the way out does not speak of any', () => {
    const refused = tried('password authentication failed for user "analyst"', '28P01');
    expect(diagnose(facts(refused, express, inside())).cause).toMatchObject({
      rule: 'not-in-rds-iam',
      message: expect.stringContaining('on an express cluster every login must be an IAM one'),
      wayOut: 'GRANT rds_iam TO "analyst";',
    });
    expect(diagnose(facts(refused, cluster(), inside())).cause?.wayOut).toContain('log in with a password');
    const suspects = (there: Partial<Facts>) =>
      diagnose(
        facts({ told: seenIn('PAM authentication failed for user "analyst"') }, there),
      ).suspects.flatMap(({ ids }) => ids);
    expect(suspects(cluster())).toContain('password-login-in-rds-iam');
    expect(suspects(express)).not.toContain('password-login-in-rds-iam');
  });

  test('has a gateway whose authority is not known, and no security group', () => {
    const wayOut = (message: string, there: Partial<Facts>) =>
      diagnose(facts(tried(message), there)).cause?.wayOut;
    const untrusted = 'self-signed certificate in certificate chain';
    expect(wayOut(untrusted, express)).toMatch(
      /AWS does not say which authority .*Do not switch the check off/,
    );
    expect(wayOut(untrusted, cluster())).toContain('global-bundle.pem');
    expect(wayOut('timeout expired', express)).toContain('in no VPC');
    expect(
      wayOut('timeout expired', cluster({ internetAccessGateway: true, vpcNetworking: true })),
    ).toContain('--through');
  });
});
