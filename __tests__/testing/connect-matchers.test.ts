import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document';
import { DataAwsRdsCluster } from '@cdktf/provider-aws/lib/data-aws-rds-cluster';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { IamUserPolicy } from '@cdktf/provider-aws/lib/iam-user-policy';
import { Fn, TerraformStack, Testing } from 'cdktf';
import {
  documentOnly,
  type Environment,
  environmentStacks,
  existingInstance,
  iamGroup,
  iamRole,
  iamUser,
  memberCluster,
  newRole,
  ownName,
  type PoliciesStack,
  rdsProxy,
  service,
} from '../../modules';
import { connectMatchers, OWN_NAME, OWN_SAML_NAME } from '../../testing';
import { exampleAccess, exampleEnvironment } from '../support/example';

const EXACT = [
  { principal: 'api', login: 'orders_api' },
  { principal: 'ci', login: 'orders_migrate' },
  { principal: 'analysts', login: 'analyst' },
];
const ID = 'cluster-ABCDEFGHIJKL0123456789ABCD';
const ARN = `arn:aws:rds-db:eu-west-1:111111111111:dbuser:${ID}`;

function policiesStack(changes: Partial<Environment> = {}): PoliciesStack {
  const [stacks] = environmentStacks(Testing.app(), [exampleEnvironment(changes)]);
  return (stacks as { policies: PoliciesStack }).policies;
}

function foreignStack(fill: (stack: TerraformStack) => void): TerraformStack {
  const stack = new TerraformStack(Testing.app(), 'foreign');
  fill(stack);
  return stack;
}

/** A policy attached to a role of the same stack, in a stack of the user's own. */
function roleWith(policy: string, role = 'worker'): TerraformStack {
  return foreignStack((stack) => attachTo(stack, role, policy));
}

function attachTo(stack: TerraformStack, role: string, policy: string): void {
  const { arn } = new IamPolicy(stack, `extra-${role}`, { policy });
  new IamRolePolicyAttachment(stack, `extra-attachment-${role}`, { role, policyArn: arn });
}

function allow(resource: string | string[], action: string | string[] = 'rds-db:connect', more: object = {}) {
  return { Version: '2012-10-17', Statement: [statement(resource, action, more)] };
}

function statement(
  resource: string | string[],
  action: string | string[] = 'rds-db:connect',
  more: object = {},
) {
  return { Effect: 'Allow', Action: action, Resource: resource, ...more };
}

/** What the user reads when the assertion fails. */
function failure(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the assertion did not fail');
}

describe('of a policies stack, toAllowConnect', () => {
  test('passes for a login of the principal', () => {
    expect(policiesStack()).toAllowConnect({ principal: 'api', login: 'orders_api' });
  });

  test('passes negated for a login of another principal', () => {
    expect(policiesStack()).not.toAllowConnect({ principal: 'api', login: 'orders_migrate' });
  });

  test('fails with the ARN asked and the policies looked at if no statement allows', () => {
    const message = failure(() =>
      expect(policiesStack()).toAllowConnect({ principal: 'api', login: 'orders_migrate' }),
    );
    expect(message).toContain(
      'Expected api (role/orders-api) to be allowed rds-db:connect as orders_migrate.',
    );
    expect(message).toMatch(/arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-[A-Z0-9]+\/orders_migrate/);
    expect(message).toContain('No statement decided. Policies looked at:\n  aws_iam_policy.policy-api');
  });

  test('fails negated with the statement that allows', () => {
    const message = failure(() =>
      expect(policiesStack()).not.toAllowConnect({ principal: 'api', login: 'orders_api' }),
    );
    expect(message).toContain(
      'Expected api (role/orders-api) not to be allowed rds-db:connect as orders_api.',
    );
    expect(message).toContain('by this statement of aws_iam_policy.policy-api:');
    expect(message).toContain('"Sid": "Connect"');
  });

  test('takes the synthesized text and the parsed one as well', () => {
    const text = Testing.synth(policiesStack());
    for (const synthesized of [text, JSON.parse(text)]) {
      expect(synthesized).toAllowConnect({ principal: 'api', login: 'orders_api' });
      expect(synthesized).not.toAllowConnect({ principal: 'ci', login: 'orders_api' });
    }
  });

  test('knows a principal that is only a document by the output', () => {
    expect(policiesStack()).toAllowConnect({ principal: 'analysts', login: 'analyst' });
    expect(policiesStack()).not.toAllowConnect({ principal: 'analysts', login: 'orders_api' });
  });

  test('knows a principal by the name of its role', () => {
    expect(policiesStack()).toAllowConnect({ principal: 'orders-api', login: 'orders_api' });
    expect(policiesStack()).toAllowConnect({ principal: 'role/orders-api', login: 'orders_api' });
  });

  test('refuses a misspelt principal even negated, and lists those there are', () => {
    expect(
      failure(() =>
        expect(policiesStack()).not.toAllowConnect({ principal: 'apy', login: 'orders_migrate' }),
      ),
    ).toBe('Nobody here is called "apy". These have policies: api, ci, analysts.');
  });

  test('refuses a misspelt target even negated', () => {
    const question = { principal: 'api', login: 'orders_migrate', target: 'frankfort' };
    expect(failure(() => expect(policiesStack()).not.toAllowConnect(question))).toBe(
      'There is no target "frankfort". Here are: data.aws_rds_cluster.cluster.',
    );
  });

  test('refuses a login that is a wildcard', () => {
    expect(() => expect(policiesStack()).not.toAllowConnect({ principal: 'api', login: '*' })).toThrow(
      /not a login name/,
    );
  });

  test('sees that a policy is attached to nobody', () => {
    const synthesized = JSON.parse(Testing.synth(policiesStack()));
    delete synthesized.resource.aws_iam_role_policy_attachment['attachment-api'];
    expect(() => expect(synthesized).toAllowConnect({ principal: 'api', login: 'orders_api' })).toThrow(
      /Nobody here is called "api".*policy\/policy-api/,
    );
  });

  test('sees an explicit Deny that somebody added to the same role', () => {
    const stack = policiesStack();
    attachTo(stack, 'orders-api', JSON.stringify(allow('*', 'rds-db:*', { Effect: 'Deny', Sid: 'Closed' })));
    const message = failure(() => expect(stack).toAllowConnect({ principal: 'api', login: 'orders_api' }));
    expect(message).toContain('explicit Deny: statement Closed of aws_iam_policy.extra-orders-api');
    expect(message).toContain('"Effect": "Deny"');
  });

  test('finds many logins over several policies of one principal', () => {
    const logins = Array.from({ length: 70 }, (_, index) => `login_${index}`);
    const access = {
      groups: exampleAccess.groups,
      logins: Object.fromEntries(logins.map((name) => [name, { memberOf: ['orders_read'] }])),
    };
    const stack = policiesStack({ access, principals: { many: iamRole('many', { connectsAs: logins }) } });
    const text = Testing.synth(stack);
    expect(Object.keys(JSON.parse(text).resource.aws_iam_policy)).toEqual(['policy-many', 'policy2-many']);
    expect(text).toAllowNothingBut(logins.map((login) => ({ principal: 'many', login })));
    expect(text).not.toAllowNothingBut(logins.slice(1).map((login) => ({ principal: 'many', login })));
  });
});

describe('further targets', () => {
  const stack = policiesStack({
    targets: {
      frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
      pooled: rdsProxy({ name: 'orders-proxy' }),
    },
    principals: {
      usual: iamRole('a', { connectsAs: ['analyst'] }),
      failover: iamRole('b', { connectsAs: ['analyst'], targets: ['cluster', 'frankfurt'] }),
      pool: iamRole('c', { connectsAs: ['analyst'], targets: ['pooled'] }),
    },
  });

  test('are told apart', () => {
    expect(stack).toAllowConnect({ principal: 'failover', login: 'analyst', target: 'frankfurt' });
    expect(stack).not.toAllowConnect({ principal: 'usual', login: 'analyst', target: 'frankfurt' });
    expect(stack).toAllowConnect({ principal: 'pool', login: 'analyst', target: 'pooled' });
    expect(stack).not.toAllowConnect({ principal: 'pool', login: 'analyst' });
  });

  test('of another region are asked there', () => {
    expect(
      failure(() =>
        expect(stack).not.toAllowConnect({ principal: 'failover', login: 'analyst', target: 'frankfurt' }),
      ),
    ).toMatch(/arn:aws:rds-db:eu-central-1:111111111111:dbuser:cluster-/);
  });

  test('have to be listed one by one', () => {
    const list = [
      { principal: 'usual', login: 'analyst' },
      { principal: 'failover', login: 'analyst' },
      { principal: 'pool', login: 'analyst', target: 'pooled' },
    ];
    expect(stack).toAllowNothingBut([
      ...list,
      { principal: 'failover', login: 'analyst', target: 'frankfurt' },
      // What the role of the proxy needs.
      { principal: 'proxy@pooled', login: 'analyst' },
    ]);
    expect(failure(() => expect(stack).toAllowNothingBut(list))).toMatch(
      /Allowed beyond the list:\n {2}failover \(role\/b\): rds-db:connect on arn:aws:rds-db:eu-central-1/,
    );
  });

  test('an RDS instance is the main target like a cluster', () => {
    const instance = policiesStack({
      cluster: existingInstance({ identifier: 'orders', databaseName: 'orders' }),
      principals: { api: iamRole('r', { connectsAs: ['analyst'], mayLookUpCluster: true }) },
    });
    expect(instance).toAllowNothingBut([{ principal: 'api', login: 'analyst', lookUp: true }]);
    expect(instance).not.toAllowNothingBut([{ principal: 'api', login: 'analyst' }]);
  });
});

describe('people of IAM Identity Center', () => {
  const stack = policiesStack({
    access: {
      groups: exampleAccess.groups,
      logins: { jane: { memberOf: ['orders_read'] }, joe: { memberOf: ['orders_read'] } },
    },
    principals: { office: documentOnly({ connectsAs: ownName(['jane', 'joe']) }) },
  });

  test('connect under their own names, and no others', () => {
    expect(stack).toAllowConnect({ login: 'joe', asPerson: 'joe' });
    expect(stack).not.toAllowConnect({ login: 'joe', asPerson: 'jane' });
    expect(stack).not.toAllowConnect({ login: 'joe' });
    expect(stack).not.toAllowConnect({ login: 'joe', asUser: 'joe' });
    expect(stack).toAllowConnect({ login: OWN_SAML_NAME });
  });

  test('are listed by the variable', () => {
    expect(stack).toAllowNothingBut([{ login: OWN_SAML_NAME }]);
    expect(failure(() => expect(stack).toAllowNothingBut([{ login: 'joe', asPerson: 'joe' }]))).toContain(
      'each person who comes by SAML as the login of its own name',
    );
    expect(failure(() => expect(stack).toAllowNothingBut([{ login: OWN_NAME, asUser: 'joe' }]))).not.toBe('');
  });

  test('an IAM user cannot be asked about as a person', () => {
    expect(() =>
      expect(
        policiesStack({ principals: { jane: iamUser('jane', { connectsAs: ['analyst'] }) } }),
      ).toAllowConnect({
        login: 'analyst',
        asPerson: 'jane',
      }),
    ).toThrow(/does not come by SAML/);
  });
});

describe('IAM users and groups', () => {
  const stack = policiesStack({
    access: {
      groups: exampleAccess.groups,
      logins: { jane: { memberOf: ['orders_read'] }, joe: { memberOf: ['orders_read'] } },
    },
    principals: {
      people: iamGroup('people', { connectsAs: ownName(['jane', 'joe']) }),
      jane: iamUser('jane', { connectsAs: ownName(['jane']) }),
    },
  });

  test('connect under their own names, and no others', () => {
    expect(stack).toAllowConnect({ principal: 'people', login: 'joe', asUser: 'joe' });
    expect(stack).not.toAllowConnect({ principal: 'people', login: 'joe', asUser: 'jim' });
    expect(stack).toAllowConnect({ principal: 'jane', login: 'jane' });
    expect(stack).not.toAllowConnect({ principal: 'jane', login: 'joe' });
  });

  test('are listed by the variable, a single user by the name', () => {
    const jane = { principal: 'jane', login: 'jane' };
    expect(stack).toAllowNothingBut([{ principal: 'people', login: OWN_NAME }, jane]);
    expect(
      failure(() =>
        expect(stack).toAllowNothingBut([{ principal: 'people', login: 'joe', asUser: 'joe' }, jane]),
      ),
    ).toContain('each IAM user as the login of its own name');
  });

  test('a role cannot be asked about as a user', () => {
    expect(() =>
      expect(policiesStack()).not.toAllowConnect({ principal: 'api', login: 'jane', asUser: 'jane' }),
    ).toThrow(/is a role, which has no aws:username/);
  });
});

describe('of a policies stack, toAllowNothingBut', () => {
  test('passes for exactly what is allowed', () => {
    expect(policiesStack()).toAllowNothingBut(EXACT);
  });

  test('fails if something more is allowed, and says what and by which statement', () => {
    const message = failure(() => expect(policiesStack()).toAllowNothingBut(EXACT.slice(1)));
    expect(message).toMatch(
      /^Allowed beyond the list:\n {2}api \(role\/orders-api\): rds-db:connect on \S+\/orders_api\n {2}by this statement of aws_iam_policy.policy-api:\n {4}\{/,
    );
    expect(message).not.toContain('but not allowed');
  });

  test('fails if something is missing, and says what', () => {
    const message = failure(() =>
      expect(policiesStack()).toAllowNothingBut([...EXACT, { principal: 'ci', login: 'orders_api' }]),
    );
    expect(message).toMatch(
      /^In the list, but not allowed:\n {2}ci \(role\/ci-deploy\): rds-db:connect on \S+\/orders_api\n/,
    );
  });

  test('fails negated for exactly what is allowed', () => {
    expect(() => expect(policiesStack()).not.toAllowNothingBut(EXACT)).toThrow(/allow exactly that/);
  });

  test('accepts the look-up of the one cluster only where it is listed', () => {
    const principals = { api: iamRole('r', { connectsAs: ['analyst'], mayLookUpCluster: true }) };
    const stack = policiesStack({ principals });
    const entry = { principal: 'api', login: 'analyst' };
    expect(stack).toAllowNothingBut([{ ...entry, lookUp: true }]);
    expect(failure(() => expect(stack).toAllowNothingBut([entry]))).toContain(
      'api (role/r): rds:DescribeDBClusters on arn:aws:rds:eu-west-1:111111111111:cluster:orders',
    );
    expect(
      failure(() =>
        expect(policiesStack()).toAllowNothingBut(EXACT.map((each) => ({ ...each, lookUp: true }))),
      ),
    ).toMatch(/but not allowed:\n {2}api \(role\/orders-api\): rds:DescribeDBClusters on/);
  });

  test('sees a policy that somebody attached to another role', () => {
    const stack = policiesStack();
    attachTo(stack, 'outsider', JSON.stringify(allow(`${ARN}/orders_api`)));
    expect(failure(() => expect(stack).toAllowNothingBut(EXACT))).toContain(
      `role/outsider: rds-db:connect on ${ARN}/orders_api`,
    );
  });

  test("sees one principal's policy attached to a second role", () => {
    const stack = policiesStack();
    new IamRolePolicyAttachment(stack, 'stolen', {
      role: 'thief',
      policyArn: '${aws_iam_policy.policy-api.arn}',
    });
    expect(stack).toAllowConnect({ principal: 'thief', login: 'orders_api' });
    expect(failure(() => expect(stack).toAllowNothingBut(EXACT))).toContain('role/thief: rds-db:connect on');
  });

  test('does not judge an attached policy whose document is not in the stack, unless told to', () => {
    const stack = policiesStack();
    const policyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    new IamRolePolicyAttachment(stack, 'admin', { role: 'orders-api', policyArn });
    const question = { principal: 'api', login: 'orders_migrate' };
    expect(() => expect(stack).toAllowNothingBut(EXACT)).toThrow(
      /AdministratorAccess, and its document is not/,
    );
    expect(() => expect(stack).not.toAllowConnect(question)).toThrow(/AdministratorAccess/);
    expect(stack).not.toAllowConnect({ ...question, ignorePolicies: [policyArn] });
    expect(stack).toAllowNothingBut(EXACT, { ignorePolicies: [policyArn] });
  });

  test('says that a permissions boundary was not looked at', () => {
    const permissionsBoundaryArn = 'arn:aws:iam::111111111111:policy/limits';
    const stack = policiesStack({
      principals: {
        job: newRole('job', { trust: service('lambda'), connectsAs: ['analyst'], permissionsBoundaryArn }),
      },
    });
    expect(stack).toAllowNothingBut([{ principal: 'job', login: 'analyst' }]);
    expect(failure(() => expect(stack).toAllowConnect({ principal: 'job', login: 'orders_api' }))).toContain(
      `Not looked at: the permissions boundary ${permissionsBoundaryArn} of role/job`,
    );
  });
});

describe('too wide a statement is beyond any list', () => {
  const entry = { login: 'orders_api', resourceId: ID };
  const exact = `${ARN}/orders_api`;

  test.each([
    ['any resource', allow('*')],
    ['any login', allow([exact, `${ARN}/*`])],
    ['logins by their beginning', allow([exact, `${ARN}/orders_*`])],
    ['logins by a character', allow([exact, `${ARN}/orders_ap?`])],
    ['any cluster', allow([exact, 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:*/orders_api'])],
    ['any region', allow([exact, exact.replace('eu-west-1', '*')])],
    ['any action of rds-db', allow(exact, 'rds-db:*')],
    ['any action', allow(exact, '*')],
    ['a look-up of everything', allow([exact], ['rds-db:connect', 'rds:Describe*'])],
    ['all but an action', { Statement: { Effect: 'Allow', NotAction: 's3:*', Resource: exact } }],
    [
      'all but a resource',
      { Statement: { Effect: 'Allow', Action: 'rds-db:connect', NotResource: `${ARN}/x` } },
    ],
    [
      'another login under a condition that does not hold',
      {
        Statement: [
          statement(exact),
          statement(`${ARN}/other`, 'rds-db:connect', {
            Condition: { DateGreaterThan: { 'aws:CurrentTime': '2999-01-01T00:00:00Z' } },
          }),
        ],
      },
    ],
    [
      'another login that only a conditional Deny holds back',
      {
        Statement: [
          statement([exact, `${ARN}/other`]),
          statement(`${ARN}/other`, 'rds-db:connect', {
            Effect: 'Deny',
            Condition: { DateLessThan: { 'aws:CurrentTime': '2999-01-01T00:00:00Z' } },
          }),
        ],
      },
    ],
    [
      'every user under its own name',
      { Version: '2012-10-17', Statement: [statement(exact), statement(`${ARN}/${OWN_NAME}`)] },
    ],
  ])('%s', (_, document) => {
    expect(document).toAllowConnect(entry);
    expect(failure(() => expect(document).toAllowNothingBut([entry]))).toMatch(/^Allowed beyond the list:\n/);
    expect(document).not.toAllowNothingBut([entry]);
  });

  test('also in a stack, for logins and clusters that it does not mention', () => {
    const stack = policiesStack();
    attachTo(stack, 'orders-api', JSON.stringify(allow('arn:aws:rds-db:*:*:dbuser:*/*')));
    const message = failure(() => expect(stack).toAllowNothingBut(EXACT));
    expect(message).toContain('dbuser:cluster-UNLISTEDPROBE/unlisted.login');
    expect(message).toContain('also logins and clusters that no list can name');
  });

  test('but not what an unconditional Deny takes away', () => {
    const document = {
      Statement: [
        statement([exact, `${ARN}/other`]),
        statement(`${ARN}/other`, 'rds-db:connect', { Effect: 'Deny' }),
      ],
    };
    expect(document).toAllowNothingBut([entry]);
  });
});

describe('of a policy document', () => {
  const document = allow([`${ARN}/orders_api`, `${ARN}/analyst`]);

  test('the only resource id in it need not be named', () => {
    expect(document).toAllowConnect({ login: 'orders_api' });
    expect(JSON.stringify(document)).not.toAllowConnect({ login: 'orders_migrate' });
    expect(document).toAllowNothingBut([{ login: 'orders_api' }, { login: 'analyst' }]);
  });

  test('another resource id, region or account is another place', () => {
    expect(document).not.toAllowConnect({ login: 'analyst', resourceId: 'cluster-OTHER' });
    expect(document).not.toAllowConnect({ login: 'analyst', resourceId: ID, region: 'us-east-1' });
    expect(document).not.toAllowConnect({ login: 'analyst', resourceId: ID, account: '222222222222' });
    expect(document).toAllowConnect({ login: 'analyst', resourceId: ID, account: '111111111111' });
  });

  test("a cluster's name in place of its resource id is refused", () => {
    expect(() => expect(document).not.toAllowConnect({ login: 'analyst', resourceId: 'orders' })).toThrow(
      /not a resource id/,
    );
  });

  test('the variable of users is theirs alone', () => {
    const own = allow(`${ARN}/${OWN_NAME}`);
    expect(own).toAllowConnect({ login: 'jane', asUser: 'jane' });
    expect(own).not.toAllowConnect({ login: 'jane' });
    expect(own).toAllowNothingBut([{ login: OWN_NAME }]);
  });

  test('may still hold the expressions of Terraform, as text', () => {
    const { resource } = JSON.parse(Testing.synth(policiesStack()));
    const text = resource.aws_iam_policy['policy-api'].policy as string;
    expect(() => JSON.parse(text)).toThrow();
    expect(text).toAllowConnect({ login: 'orders_api' });
    expect(text).toAllowNothingBut([{ login: 'orders_api' }]);
    expect(text).not.toAllowConnect({ login: 'analyst' });
  });

  test('that IAM would refuse is not judged, in either direction', () => {
    const malformed = { Statement: [{ ...statement(`${ARN}/analyst`), Efect: 'Deny' }] };
    const twice = `{"Statement":[{"Effect":"Deny","Effect":"Allow","Action":"rds-db:connect","Resource":"${ARN}/analyst"}]}`;
    for (const received of [malformed, twice]) {
      expect(() => expect(received).toAllowConnect({ login: 'analyst', resourceId: ID })).toThrow(
        /malformed/,
      );
      expect(() => expect(received).not.toAllowConnect({ login: 'analyst', resourceId: ID })).toThrow(
        /malformed/,
      );
      expect(() => expect(received).not.toAllowNothingBut([])).toThrow(/malformed/);
    }
  });

  test('with a condition that nobody can judge is not judged, in either direction', () => {
    const source = { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } };
    const conditional = allow(`${ARN}/analyst`, 'rds-db:connect', source);
    expect(() => expect(conditional).toAllowConnect({ login: 'analyst' })).toThrow(
      /aws:SourceIp is not supported/,
    );
    expect(() => expect(conditional).not.toAllowConnect({ login: 'analyst' })).toThrow(/aws:SourceIp/);
  });

  test('anything else is refused with what is taken', () => {
    for (const received of ['', 'text', '[]', {}, [], 3 as unknown as string])
      expect(() => expect(received).not.toAllowConnect({ login: 'analyst' })).toThrow(/no policy document/);
  });

  test('the look-up is accepted for the one cluster that it names', () => {
    const cluster = 'arn:aws:rds:eu-west-1:111111111111:cluster:orders';
    const lookUp = (resource: string | string[]) => ({
      Statement: [statement(`${ARN}/analyst`), statement(resource, 'rds:DescribeDBClusters')],
    });
    const list = [{ login: 'analyst', lookUp: true }];
    expect(lookUp(cluster)).toAllowNothingBut(list);
    expect(lookUp('*')).not.toAllowNothingBut(list);
    expect(lookUp([cluster, `${cluster}-2`])).not.toAllowNothingBut(list);
    expect(lookUp(`${cluster}*`)).not.toAllowNothingBut(list);
  });
});

describe("a stack of one's own", () => {
  const lookedUp = (stack: TerraformStack, id: string) =>
    new DataAwsRdsCluster(stack, id, { clusterIdentifier: `the-${id}` });
  const resource = (cluster: DataAwsRdsCluster, login: string) =>
    `arn:aws:rds-db:eu-west-1:123456789012:dbuser:${cluster.clusterResourceId}/${login}`;

  test('may encode its document by a function of Terraform', () => {
    const stack = foreignStack((scope) => {
      const cluster = lookedUp(scope, 'main');
      const role = new IamRole(scope, 'role', { name: 'worker', assumeRolePolicy: '{}' });
      const { arn } = new IamPolicy(scope, 'policy', {
        policy: Fn.jsonencode(allow(resource(cluster, 'worker'))),
      });
      new IamRolePolicyAttachment(scope, 'attachment', { role: role.name, policyArn: arn });
    });
    expect(stack).toAllowConnect({ principal: 'worker', login: 'worker' });
    expect(stack).toAllowNothingBut([{ login: 'worker' }]);
    expect(stack).not.toAllowConnect({ principal: 'worker', login: 'other' });
  });

  test('may take its document from aws_iam_policy_document, and attach it inline', () => {
    const stack = foreignStack((scope) => {
      const [blue, green] = [lookedUp(scope, 'blue'), lookedUp(scope, 'green')];
      const document = new DataAwsIamPolicyDocument(scope, 'document', {
        statement: [{ actions: ['rds-db:connect'], resources: [resource(blue, '&{aws:username}')] }],
      });
      new IamUserPolicy(scope, 'inline', { user: 'jane', policy: document.json });
      expect(green.clusterResourceId).not.toBe(blue.clusterResourceId);
    });
    expect(stack).toAllowConnect({ principal: 'jane', login: 'jane', target: 'blue' });
    expect(stack).not.toAllowConnect({
      principal: 'jane',
      login: 'jane',
      target: 'data.aws_rds_cluster.green',
    });
    expect(stack).toAllowNothingBut([{ principal: 'user/jane', login: 'jane', target: 'blue' }]);
    expect(() => expect(stack).toAllowConnect({ principal: 'jane', login: 'jane' })).toThrow(/Say where/);
  });

  test('a policy that it attaches to nobody counts too', () => {
    const stack = foreignStack((scope) => {
      new IamPolicy(scope, 'shared', { policy: JSON.stringify(allow(`${ARN}/analyst`)) });
    });
    expect(stack).not.toAllowNothingBut([]);
    expect(stack).toAllowNothingBut([{ principal: 'policy/shared', login: 'analyst' }]);
  });

  test('may write region and account out that no provider block says', () => {
    const stack = foreignStack((scope) => {
      const { clusterResourceId } = lookedUp(scope, 'main');
      const written = `arn:aws:rds-db:us-east-2:999999999999:dbuser:${clusterResourceId}/worker`;
      attachTo(scope, 'worker', JSON.stringify(allow(written)));
    });
    expect(stack).toAllowConnect({ principal: 'worker', login: 'worker' });
    expect(stack).toAllowConnect({ principal: 'worker', login: 'worker', account: '999999999999' });
    expect(stack).not.toAllowConnect({ principal: 'worker', login: 'worker', account: '111111111111' });
    expect(stack).toAllowNothingBut([{ login: 'worker' }]);
  });

  test('gives users what their groups have, and many identities one policy', () => {
    const synthesized = {
      resource: {
        aws_iam_policy: { p: { policy: JSON.stringify(allow(`${ARN}/analyst`)) } },
        aws_iam_policy_attachment: {
          all: { roles: ['worker'], groups: ['people'], policy_arn: '${aws_iam_policy.p.arn}' },
        },
        aws_iam_user_group_membership: { m: { user: 'jane', groups: ['people'] } },
      },
    };
    const analysts = ['worker', 'people', 'jane'].map((principal) => ({ principal, login: 'analyst' }));
    expect(synthesized).toAllowNothingBut(analysts);
    for (const [index] of analysts.entries())
      expect(synthesized).not.toAllowNothingBut(analysts.toSpliced(index, 1));
  });

  test('may hold the permissions boundary, which then counts', () => {
    const synthesized = (bounded: string) => ({
      resource: {
        aws_iam_policy: {
          limits: { policy: JSON.stringify(allow(`${ARN}/${bounded}`)) },
        },
        aws_iam_role: {
          worker: { name: 'worker', permissions_boundary: '${aws_iam_policy.limits.arn}' },
        },
        aws_iam_role_policy: {
          inline: { role: '${aws_iam_role.worker.id}', policy: JSON.stringify(allow(`${ARN}/analyst`)) },
        },
      },
    });
    expect(synthesized('*')).toAllowConnect({ principal: 'worker', login: 'analyst' });
    expect(
      failure(() => expect(synthesized('x')).toAllowConnect({ principal: 'worker', login: 'analyst' })),
    ).toContain('the permissions boundary aws_iam_policy.limits does not allow');
  });

  test('an expression that cannot be understood is not guessed', () => {
    const unclear = JSON.stringify(allow('arn:aws:rds-db:eu-west-1:123456789012:dbuser:ID/x'));
    const stack = roleWith(unclear.replace('ID', '${var.id == "" ? "a" : "b"}'));
    expect(() => expect(stack).not.toAllowConnect({ principal: 'worker', login: 'y' })).toThrow(
      /aws_iam_policy.extra-worker: cannot understand the reference var.id/,
    );
    expect(() => expect(roleWith(unclear.replace('ID', '${uuid()}'))).not.toAllowNothingBut([])).toThrow(
      /cannot understand the Terraform expression at "uuid\(\)/,
    );
  });

  test('two of the same name are told apart by their kind', () => {
    const stack = foreignStack((scope) => {
      attachTo(scope, 'worker', JSON.stringify(allow(`${ARN}/a`)));
      new IamUserPolicy(scope, 'inline', { user: 'worker', policy: JSON.stringify(allow(`${ARN}/b`)) });
    });
    expect(() => expect(stack).toAllowConnect({ principal: 'worker', login: 'a' })).toThrow(
      /"worker" may be role\/worker or user\/worker/,
    );
    expect(stack).toAllowConnect({ principal: 'role/worker', login: 'a' });
    expect(stack).not.toAllowConnect({ principal: 'user/worker', login: 'a' });
  });

  test('what speaks of rds-db elsewhere is not overlooked', () => {
    const synthesized = {
      terraform: {},
      resource: {
        aws_ssoadmin_permission_set_inline_policy: {
          all: { inline_policy: JSON.stringify(allow('*')) },
        },
      },
    };
    expect(() => expect(synthesized).toAllowNothingBut([])).toThrow(
      /cannot judge aws_ssoadmin_permission_set_inline_policy.all/,
    );
  });
});

test('the matchers are functions that any runner can register', () => {
  const question = { principal: 'api', login: 'orders_api' };
  expect(connectMatchers.toAllowConnect(policiesStack(), question).pass).toBe(true);
  expect(connectMatchers.toAllowNothingBut(policiesStack(), EXACT.slice(1)).pass).toBe(false);
});
