import { environmentPassword, existingCluster } from '../../../modules';
import { exampleEnvironment } from '../../support/example';
import { synthesize } from '../../support/synthesized';

interface LookUp {
  cluster_identifier: string;
  lifecycle: { postcondition: { condition: string; error_message: string }[] };
}
const lookUp = (stack: string, changes = {}) =>
  synthesize(exampleEnvironment(changes)).stacks[stack]?.data?.['aws_rds_cluster']?.[
    'cluster'
  ] as unknown as LookUp;

test.each(['test-database', 'test-policies'])(
  '%s looks the cluster up by its identifier, in every plan',
  (stack) => {
    expect(lookUp(stack).cluster_identifier).toBe('orders');
    const { output, terraform } = synthesize(exampleEnvironment()).stacks[stack] ?? {
      output: {},
      terraform: undefined,
    };
    expect(output).toMatchObject({
      cluster_arn: { value: '${data.aws_rds_cluster.cluster.arn}' },
      cluster_resource_id: { value: '${data.aws_rds_cluster.cluster.cluster_resource_id}' },
      endpoint: { value: '${data.aws_rds_cluster.cluster.endpoint}' },
      reader_endpoint: { value: '${data.aws_rds_cluster.cluster.reader_endpoint}' },
      port: { value: '${data.aws_rds_cluster.cluster.port}' },
    });
    expect(JSON.stringify(terraform)).not.toContain('remote_state');
  },
);

test('a cluster with IAM authentication off is refused with the command that turns it on', () => {
  const [first] = lookUp('test-policies').lifecycle.postcondition;
  expect(first?.condition).toBe('${self.iam_database_authentication_enabled}');
  expect(first?.error_message).toContain(
    'aws rds modify-db-cluster --db-cluster-identifier orders --enable-iam-database-authentication',
  );
});

test('a resource id of another shape, and another master than the declared one, are refused', () => {
  const conditions = lookUp('test-policies').lifecycle.postcondition.map(({ condition }) => condition);
  expect(conditions).toContain('${can(regex("^cluster-[A-Z0-9]+$", self.cluster_resource_id))}');
  expect(conditions).toContain('${self.master_username == "postgres"}');
});

test('a master that logs in by IAM has no secret, is the admin by a token, and is named before any plan', () => {
  const cluster = existingCluster({
    identifier: 'orders',
    databaseName: 'orders',
    masterUserAuthenticationType: 'iam-db-auth',
  });
  for (const stack of ['test-database', 'test-policies']) {
    const { postcondition } = lookUp(stack, { cluster }).lifecycle;
    const secret = postcondition.filter(({ condition }) => condition.includes('master_user_secret'));
    expect(secret.map(({ condition }) => condition)).toEqual([
      '${try(length(self.master_user_secret), 0) == 0}',
    ]);
    expect(secret[0]?.error_message).toContain('Take masterUserAuthenticationType out');
  }
  const { provider } = synthesize(exampleEnvironment({ cluster })).stacks['test-database'] ?? {};
  expect(provider?.['postgresql']?.[0]).toMatchObject({
    username: 'postgres',
    aws_rds_iam_auth: true,
    aws_rds_iam_region: 'eu-west-1',
  });
  expect(JSON.stringify(provider)).not.toContain('password');
});

test('where RDS keeps no password, the message knows all three ways in', () => {
  const messages = lookUp('test-database').lifecycle.postcondition.map(({ error_message: text }) => text);
  const [message] = messages.filter((text) => text.includes('keeps no password'));
  for (const way of ['secret(', 'environmentPassword()', "masterUserAuthenticationType: 'iam-db-auth'"])
    expect(message).toContain(way);
});

test('a secret managed by RDS is demanded only where it is used', () => {
  const needsSecret = (stack: string, changes = {}) =>
    lookUp(stack, changes).lifecycle.postcondition.some(({ condition }) =>
      condition.includes('master_user_secret'),
    );
  expect(needsSecret('test-database')).toBe(true);
  expect(needsSecret('test-database', { admin: environmentPassword() })).toBe(false);
  expect(needsSecret('test-policies')).toBe(false);
});
