import '../../testing';
import { CannotJudgeError } from '../../testing';

const ARN = 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKL0123456789ABCD/api';
const policy = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*', ...statement }] });
const everything = policy({ Action: '*' });
const bucket = policy({ Principal: { AWS: '*' }, Action: 's3:GetObject' });

/** A role that may connect as `api`, and something else beside it. */
function stack(resource: object, rest: object = {}) {
  return {
    terraform: {},
    ...rest,
    resource: {
      aws_iam_role_policy: {
        api: {
          role: 'api',
          policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'rds-db:connect', Resource: ARN }],
          }),
        },
      },
      ...resource,
    },
  };
}
const question = {
  principal: 'api',
  login: 'api',
  resourceId: 'cluster-ABCDEFGHIJKL0123456789ABCD',
} as const;
const other = { ...question, login: 'other' };

function expectJudged(synthesized: object) {
  expect(synthesized).toAllowConnect(question);
  expect(synthesized).not.toAllowConnect(other);
  expect(synthesized).toAllowNothingBut([question]);
}
function expectUnjudged(synthesized: object, reason: RegExp | string) {
  for (const assertion of [
    () => expect(synthesized).toAllowConnect(question),
    () => expect(synthesized).not.toAllowConnect(other),
    () => expect(synthesized).toAllowNothingBut([question]),
    () => expect(synthesized).not.toAllowNothingBut([]),
  ]) {
    expect(assertion).toThrow(CannotJudgeError);
    expect(assertion).toThrow(reason);
  }
}

test('nothing else beside it: judged', () => expectJudged(stack({})));

describe('what may give a policy to somebody is not judged, in either direction', () => {
  const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
  const data = {
    aws_iam_policy_document: {
      all: { statement: [{ actions: ['*'], resources: ['*'] }] },
      bucket: { statement: { actions: ['s3:*'], resources: ['*'], principals: [{ type: '*' }] } },
      both: { source_policy_documents: ['{}'], statement: { principals: [{ type: '*' }] } },
    },
  };
  const nested = (depth: number): unknown => (depth === 0 ? 'end' : { inner: nested(depth - 1) });

  test.each<[string, string, object, object?]>([
    [
      'exclusive attachments',
      'aws_iam_role_policy_attachments_exclusive',
      { role_name: 'api', policy_arns: [administrator] },
    ],
    [
      'exclusive attachments of nothing known',
      'aws_iam_user_policy_attachments_exclusive',
      { user_name: 'x', policy_arns: '${var.arns}' },
    ],
    [
      'exclusive inline policies',
      'aws_iam_role_policies_exclusive',
      { role_name: 'api', policy_names: ['x'] },
    ],
    ['an unknown type of IAM', 'aws_iam_something_new', { role: 'api' }],
    ['a policy by Cloud Control', 'awscc_iam_role_policy', { role_name: 'api', policy_document: everything }],
    ['a role by Cloud Control', 'awscc_iam_role', { managed_policy_arns: [administrator] }],
    ['a role by Cloud Control without a policy that is seen', 'awscc_iam_role', { role_name: 'x' }],
    ['a permission set of Cloud Control', 'awscc_sso_permission_set', { inline_policy: '${var.policy}' }],
    ['CloudFormation', 'aws_cloudformation_stack', { template_url: 'https://example.com/all.yaml' }],
    ['CloudFormation in YAML', 'aws_cloudformation_stack', { template_body: 'Action: "*"' }],
    ['a stack set', 'aws_cloudformation_stack_set', { name: 'x' }],
    ['an application of the repository', 'aws_serverlessapplicationrepository_cloudformation_stack', {}],
    ['a product of the catalog', 'aws_servicecatalog_provisioned_product', { name: 'x' }],
    ['a permission set', 'aws_ssoadmin_permission_set_inline_policy', { inline_policy: everything }],
    [
      'a managed policy of a permission set',
      'aws_ssoadmin_managed_policy_attachment',
      { managed_policy_arn: administrator },
    ],
    ['an assignment', 'aws_ssoadmin_account_assignment', { principal_id: 'x' }],
    ['a policy in a type that nobody knows', 'acme_grant', { anything: everything }],
    ['the action in capitals', 'acme_grant', { actions: ['RDS-DB:connect'] }],
    ['the action in half-capitals, in a text', 'acme_grant', { text: 'allow Rds-Db:Connect' }],
    [
      'an escaped action',
      'acme_grant',
      { text: policy({ Action: 'x' }).replace('"x"', '"rds-d\\u0062:connect"') },
    ],
    ['a policy as an object', 'acme_grant', { document: JSON.parse(everything) }],
    ['a policy deep inside', 'acme_grant', { a: [{ b: { c: [{ d: everything }] } }] }],
    [
      'a policy in JSON in JSON',
      'acme_grant',
      { a: JSON.stringify({ b: JSON.stringify({ c: everything }) }) },
    ],
    ['a policy in lower case', 'acme_grant', { statement: [{ effect: 'Allow', actions: ['*'] }] }],
    ['a policy that only denies', 'acme_grant', { p: policy({ Effect: 'Deny', Action: '*' }) }],
    [
      'a policy by jsonencode',
      'acme_grant',
      { p: `\${jsonencode({"Statement" = [{"Effect" = "Allow", "Action" = "*"}]})}` },
    ],
    ['a policy that cannot be read', 'acme_grant', { p: '${templatefile("x", {Statement = "Effect"})}' }],
    [
      'one statement of two without a principal',
      'acme_grant',
      {
        p: JSON.stringify({
          Statement: [
            { Effect: 'Allow', Principal: '*' },
            { Effect: 'Allow', Action: '*' },
          ],
        }),
      },
    ],
    ['a policy of a data source', 'acme_grant', { p: '${data.aws_iam_policy_document.all.json}' }, { data }],
    [
      'a data source that includes another',
      'acme_grant',
      { p: '${data.aws_iam_policy_document.both.json}' },
      { data },
    ],
    [
      'a data source that is not there',
      'acme_grant',
      { p: '${data.aws_iam_policy_document.none.json}' },
      { data },
    ],
    [
      'a policy by a local',
      'acme_grant',
      { p: '${local.a}' },
      { locals: { a: '${local.b}', b: everything } },
    ],
    ['a policy of the stack', 'acme_grant', { p: '${aws_iam_policy.x.arn}' }],
    ['a managed policy', 'acme_grant', { p: [administrator] }],
    [
      'a command that attaches one',
      'null_resource',
      {
        provisioner: [
          { 'local-exec': { command: `aws iam attach-role-policy --policy-arn ${administrator}` } },
        ],
      },
    ],
    ['endless nesting', 'acme_grant', { a: nested(40) }],
    ['a policy beside a cluster', 'aws_rds_cluster', { tags: { p: everything } }],
    [
      'a policy of an organization',
      'aws_organizations_policy',
      { content: policy({ Effect: 'Deny', Action: '*' }) },
    ],
  ])('%s', (_what, type, block, rest = {}) => {
    expectUnjudged(stack({ [type]: { x: block } }, rest), `cannot judge ${type}.x: `);
  });

  test.each<[string, object]>([
    ['that is given a policy', { policy: everything }],
    ['that is given the ARN of one', { policies: [administrator] }],
    ['that is told of a role', { role: '${aws_iam_role.api.name}' }],
    ['that is told of a role by its ARN', { role: 'arn:aws:iam::111111111111:role/api' }],
    ['that speaks of the action', { actions: ['RDS-DB:*'] }],
  ])('a module %s', (_what, block) => {
    expectUnjudged(stack({}, { module: { x: { source: './x', ...block } } }), 'cannot judge module.x: ');
  });

  test.each<[string, object]>([
    ['managed_policy_arns', { name: 'api', managed_policy_arns: [administrator] }],
    ['an expression in managed_policy_arns', { name: 'api', managed_policy_arns: '${var.arns}' }],
    [
      'an inline_policy that is not known',
      { name: 'api', inline_policy: [{ name: 'x', policy: '${var.policy}' }] },
    ],
    ['inline_policy blocks that are made', { name: 'api', dynamic: { inline_policy: { for_each: [] } } }],
    ['count', { name: 'api', count: 2 }],
  ])('%s of the role', (_what, block) => {
    expectUnjudged(stack({ aws_iam_role: { api: block } }), /judge|document is not in the stack|understand/);
  });

  test('inline_policy blocks of the role count', () => {
    const synthesized = stack({
      aws_iam_role: { api: { name: 'api', inline_policy: [{ name: 'x', policy: everything }] } },
    });
    expect(synthesized).toAllowConnect(other);
    expect(synthesized).not.toAllowNothingBut([question]);
  });

  test.each<[string, string, object, object?]>([
    ['the policy of a bucket', 'aws_s3_bucket_policy', { policy: bucket }],
    [
      'with expressions',
      'aws_s3_bucket_policy',
      { policy: bucket.replace('"*"}', '"${aws_s3_bucket.b.arn}"}') },
    ],
    [
      'by jsonencode',
      'aws_s3_bucket_policy',
      {
        policy: `\${jsonencode({"Statement" = [{"Effect" = "Allow", "Principal" = "*", "Resource" = aws_s3_bucket.b.arn}]})}`,
      },
    ],
    [
      'by a data source',
      'aws_s3_bucket_policy',
      { policy: '${data.aws_iam_policy_document.bucket.json}' },
      { data },
    ],
    [
      'a firewall',
      'aws_wafv2_web_acl',
      { rule: [{ statement: { geo_match_statement: { country_codes: ['NL'] } } }] },
    ],
    ['an instance profile', 'aws_iam_instance_profile', { role: '${aws_iam_role.api.name}' }],
    ['an OIDC provider', 'aws_iam_openid_connect_provider', { url: 'https://example.com' }],
    [
      'a cluster',
      'aws_rds_cluster',
      { cluster_identifier: 'orders', iam_roles: ['arn:aws:iam::111111111111:role/x'] },
    ],
    [
      'a role',
      'aws_iam_role',
      { name: 'x', assume_role_policy: policy({ Principal: '*', Action: 'sts:AssumeRole' }) },
    ],
  ])('but what gives nobody a policy is no obstacle: %s', (_what, type, block, rest = {}) => {
    expectJudged(stack({ [type]: { x: block } }, rest));
  });
  test('nor is a module that has nothing to do with IAM', () =>
    expectJudged(stack({}, { module: { vpc: { source: './vpc', cidr: '10.0.0.0/16' } } })));
});

test.each<[string, object]>([
  ['aws_iam_user_group_membership', { user: 'jane', groups: ['admins'] }],
  ['aws_iam_group_membership', { users: ['jane'], group: 'admins' }],
])('a user who joins a group of somebody else by %s is not judged', (type, block) => {
  const synthesized = stack({ [type]: { x: block } });
  const jane = { ...question, principal: 'jane' };
  for (const assertion of [
    () => expect(synthesized).not.toAllowConnect(jane),
    () => expect(synthesized).toAllowNothingBut([question]),
    () => expect(synthesized).not.toAllowNothingBut([]),
  ])
    expect(assertion).toThrow('jane also has what group/admins has, and its document is not in the stack');
  expect(synthesized).toAllowNothingBut([question], { ignorePolicies: ['group/admins'] });
  expectJudged(stack({ [type]: { x: block }, aws_iam_group: { admins: { name: 'admins' } } }));
});

describe('what the policies of a role say in an odd way', () => {
  const withPolicy = (statement: object) => {
    const synthesized = stack({});
    synthesized.resource.aws_iam_role_policy = {
      ...synthesized.resource.aws_iam_role_policy,
      ...{ more: { role: 'api', policy: policy(statement) } },
    } as never;
    return synthesized;
  };
  test.each(['arn:aws:rds-db', 'arn:aws:rds-db:eu-west-1', 'arn:aws:rds-db:eu-west-1:111111111111'])(
    'the short ARN %s lets in as everybody',
    (Resource) => {
      const synthesized = withPolicy({ Action: 'RDS-DB:Connect', Resource });
      expect(synthesized).toAllowConnect(other);
      expect(() => expect(synthesized).not.toAllowConnect(other)).toThrow('not to be allowed');
      expect(synthesized).not.toAllowNothingBut([question]);
    },
  );
  test.each(['arn:aws:rds-db:*:dbuser:*', 'arn:*:rds-db:*:*:*', 'arn:aws:rds-db:*:*:db*:*'])(
    '%s is not judged',
    (Resource) => {
      const synthesized = withPolicy({ Action: 'rds-db:connect', Resource });
      expect(() => expect(synthesized).not.toAllowConnect(other)).toThrow(CannotJudgeError);
      expect(() => expect(synthesized).not.toAllowNothingBut([])).toThrow(CannotJudgeError);
    },
  );
});
