import { offlineConfiguration } from '../../planning/offline-configuration';
import { exampleEnvironment } from '../support/example';
import { synthesize } from '../support/synthesized';

// biome-ignore lint/suspicious/noExplicitAny: JSON that Terraform reads
type Json = any;

const base = {
  terraform: {
    required_providers: {
      aws: { source: 'aws', version: '6.25.0' },
      postgresql: { source: 'cyrilgdn/postgresql', version: '1.26.0' },
    },
    backend: { s3: { bucket: 'states' } },
  },
  provider: {
    aws: [
      {
        region: 'eu-west-1',
        allowed_account_ids: ['111111111111'],
        assume_role: [{ role_arn: 'arn:aws:iam::111111111111:role/deploy' }],
        default_tags: [{ tags: { team: 'orders' } }],
      },
    ],
    postgresql: [{ host: 'db.example.com', username: 'postgres', password: '${ephemeral.x.y.z}' }],
  },
};

const lookedUp = {
  ...base,
  data: {
    aws_rds_cluster: {
      cluster: {
        cluster_identifier: 'orders',
        lifecycle: {
          postcondition: [
            { condition: '${self.iam_database_authentication_enabled}', error_message: 'it is off' },
            { condition: '${try(length(self.master_user_secret), 0) == 0}', error_message: 'a password' },
            { condition: '${self.master_username == "owner \\"x\\""}', error_message: 'another master' },
          ],
        },
      },
    },
  },
  resource: {
    aws_iam_policy: {
      policy: {
        description: 'of data.aws_rds_cluster.cluster',
        policy: '${jsonencode([data.aws_rds_cluster.cluster.arn, data.aws_rds_cluster.cluster2.arn])}',
        depends_on: ['data.aws_rds_cluster.cluster', 'aws_iam_role.role'],
      },
    },
  },
};

describe('a configuration that asks nobody', () => {
  const { configuration } = offlineConfiguration(lookedUp) as { configuration: Json };

  test('has no look-ups, no state elsewhere, and no provider that nothing needs', () => {
    expect(configuration.data).toBeUndefined();
    expect(configuration.ephemeral).toBeUndefined();
    expect(configuration.terraform.backend).toBeUndefined();
    expect(Object.keys(configuration.provider)).toEqual(['aws']);
    expect(Object.keys(configuration.terraform.required_providers)).toEqual(['aws']);
  });

  test('has keys that mean nothing, and neither account nor role to ask for', () => {
    expect(configuration.provider.aws).toEqual([
      {
        region: 'eu-west-1',
        default_tags: [{ tags: { team: 'orders' } }],
        access_key: 'offline',
        secret_key: 'offline',
        skip_credentials_validation: true,
        skip_metadata_api_check: 'true',
        skip_requesting_account_id: true,
        max_retries: 1,
      },
    ]);
  });

  test('refers to what the look-up would find, and leaves other names and plain text alone', () => {
    const { policy } = configuration.resource.aws_iam_policy;
    const local = 'local.offline_data_aws_rds_cluster_cluster';
    expect(policy.policy).toBe(`\${jsonencode([${local}.arn, data.aws_rds_cluster.cluster2.arn])}`);
    expect(policy.description).toBe('of data.aws_rds_cluster.cluster');
    expect(policy.depends_on).toEqual(['aws_iam_role.role']);
  });

  test('finds a cluster as the conditions want it, and still has the conditions', () => {
    const found = configuration.locals.offline_data_aws_rds_cluster_cluster;
    expect(found).toMatchObject({
      arn: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders',
      iam_database_authentication_enabled: true,
      master_username: 'owner "x"',
    });
    expect(found.cluster_resource_id).toMatch(/^cluster-OFFLINEORDERS[A-F0-9]{6}$/);
    expect(configuration.output.offline_condition_0).toEqual({
      value: true,
      precondition: [
        {
          condition: '${local.offline_data_aws_rds_cluster_cluster.iam_database_authentication_enabled}',
          error_message: 'it is off',
        },
      ],
    });
  });
});

test('what is supplied goes before the stand-in', () => {
  const found = { 'data.aws_rds_cluster.cluster': { iam_database_authentication_enabled: false } };
  const { configuration } = offlineConfiguration(lookedUp, { found }) as { configuration: Json };
  expect(configuration.locals.offline_data_aws_rds_cluster_cluster).toMatchObject({
    iam_database_authentication_enabled: false,
    master_username: 'owner "x"',
  });
});

describe('faults', () => {
  test('a look-up that is used, and that nobody supplies', () => {
    const stack = {
      ...base,
      data: { aws_vpc: { main: {} } },
      resource: { aws_subnet: { a: { vpc_id: '${data.aws_vpc.main.id}' } } },
    };
    expect(() => offlineConfiguration(stack)).toThrow(
      "data.aws_vpc.main would be read, and nothing is asked here. Supply what it finds: found: { 'data.aws_vpc.main': { … } }.",
    );
    expect(() => offlineConfiguration({ ...stack, resource: {} })).not.toThrow();
  });

  test('something supplied for a look-up that is not there', () => {
    expect(() => offlineConfiguration(lookedUp, { found: { 'data.aws_rds_cluster.clusster': {} } })).toThrow(
      'data.aws_rds_cluster.clusster is supplied, and the stack has no such look-up; it has data.aws_rds_cluster.cluster.',
    );
  });
});

test('look-ups that a provider answers by itself stay, and other providers are left as they are', () => {
  const { configuration } = offlineConfiguration({
    ...base,
    provider: { ...base.provider, tls: [{ proxy: [] }] },
    terraform: {
      required_providers: { ...base.terraform.required_providers, tls: { source: 'hashicorp/tls' } },
    },
    data: { aws_iam_policy_document: { d: { statement: [] } }, tls_public_key: { k: {} } },
  }) as { configuration: Json };
  expect(Object.keys(configuration.data)).toEqual(['aws_iam_policy_document', 'tls_public_key']);
  expect(configuration.provider.tls).toEqual([{ proxy: [] }]);
});

test('versions can be given in the place of those of the stack', () => {
  const { configuration } = offlineConfiguration(lookedUp, { providerVersions: { aws: '5.100.0' } }) as {
    configuration: Json;
  };
  expect(configuration.terraform.required_providers.aws).toEqual({ source: 'aws', version: '5.100.0' });
});

test('an import is remembered, and no server is asked for it', () => {
  const { stacks } = synthesize(
    exampleEnvironment({
      access: {
        groups: { reader: { preset: 'readOnly' } },
        logins: { analyst: { memberOf: ['reader'], adopt: true, connectionLimit: 5 } },
      },
      principals: {},
    }),
  );
  const { configuration, imported } = offlineConfiguration(stacks['test-database'] as Json) as {
    configuration: Json;
    imported: readonly string[];
  };
  expect(imported).toEqual(['postgresql_role.login-analyst']);
  expect(configuration.import).toBeUndefined();
  expect(configuration.provider.postgresql).toEqual([
    { host: '127.0.0.1', port: 1, username: 'offline', password: 'offline', superuser: false },
  ]);
});

describe('a cluster that the stack creates', () => {
  const own = {
    ...base,
    resource: {
      aws_rds_cluster: { cluster: { cluster_identifier: 'orders' } },
      aws_iam_policy: { policy: { policy: 'on ${aws_rds_cluster.cluster.cluster_resource_id}' } },
      aws_db_proxy_target: { target: { db_cluster_identifier: '${aws_rds_cluster.cluster.arn}' } },
    },
  };

  test('is known after the apply only', () => {
    const { configuration } = offlineConfiguration(own) as { configuration: Json };
    expect(configuration.resource).toEqual(own.resource);
  });

  test('has a stand-in in policies where they are to be read', () => {
    const { configuration } = offlineConfiguration(own, { knownClusters: true }) as { configuration: Json };
    const { aws_iam_policy: policies, ...others } = configuration.resource;
    expect(policies.policy.policy).toBe(
      'on ${local.offline_resource_aws_rds_cluster_cluster.cluster_resource_id}',
    );
    expect(configuration.locals.offline_resource_aws_rds_cluster_cluster.cluster_resource_id).toMatch(
      /^cluster-OFFLINEORDERS/,
    );
    expect(others.aws_db_proxy_target).toEqual(own.resource.aws_db_proxy_target);
  });
});
