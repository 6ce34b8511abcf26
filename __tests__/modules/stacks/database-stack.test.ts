import { X509Certificate } from 'node:crypto';
import {
  defineAccess,
  documentOnly,
  type Environment,
  environmentPassword,
  iamRole,
  owner,
  predefined,
  readOnly,
  readWrite,
  secret,
  tunnel,
} from '../../../modules';
import { exampleAccess, exampleEnvironment } from '../../support/example';
import { resources, synthesize } from '../../support/synthesized';

const stackOf = (changes: Partial<Environment> = {}) =>
  synthesize(exampleEnvironment(changes)).stacks['test-database'];
const providerOf = (changes: Partial<Environment> = {}) =>
  stackOf(changes)?.provider['postgresql']?.[0] ?? {};

describe('groups and logins', () => {
  const roles = resources(stackOf(), 'postgresql_role');

  test('groups cannot log in and are in no other role', () => {
    expect(roles['group-orders_read']).toEqual({ name: 'orders_read', login: false });
  });

  test('logins have no password, are in rds_iam and in their groups, and own nothing that a drop gives away', () => {
    expect(roles['login-orders_api']).toMatchObject({
      name: 'orders_api',
      login: true,
      roles: ['rds_iam', '${postgresql_role.group-orders_write.name}'],
      skip_reassign_owned: true,
    });
    expect(stackOf()?.text).not.toMatch(/"password": "(?!\$\{jsondecode)/);
  });

  test('only logins are in rds_iam, and nothing is granted to the master', () => {
    const inRdsIam = Object.values(roles).filter((role) => JSON.stringify(role).includes('rds_iam'));
    expect(inRdsIam.every((role) => role['login'] === true)).toBe(true);
    expect(stackOf()?.resource).not.toHaveProperty('postgresql_grant_role');
  });

  test('a login that acts as an owner becomes it at login', () => {
    const owner = '${postgresql_role.group-orders_owner.name}';
    expect(roles['login-orders_migrate']).toMatchObject({ roles: ['rds_iam', owner], assume_role: owner });
  });

  test('a login waits for every privilege of its groups, so that the two do not deadlock', () => {
    const stack = stackOf();
    const names = (type: string) =>
      Object.keys(stack?.resource?.[type] ?? {})
        .filter((id) => id.includes('-orders_write-'))
        .map((id) => `${type}.${id}`);
    const privileges = [...names('postgresql_grant'), ...names('postgresql_default_privileges')];
    expect(privileges).toHaveLength(6);
    expect(roles['login-orders_api']?.['depends_on']).toEqual(expect.arrayContaining(privileges));
  });

  test('a predefined role is a membership by its name', () => {
    const access = defineAccess({
      groups: {},
      logins: { monitoring: { memberOf: [predefined('pg_monitor')] } },
    });
    const role = resources(stackOf({ access, principals: {} }), 'postgresql_role')['login-monitoring'];
    expect(role).toMatchObject({ roles: ['rds_iam', 'pg_monitor'] });
  });
});

test('each preset becomes exactly its grants', () => {
  const grants = Object.values(resources(stackOf(), 'postgresql_grant')).map(
    ({ role, object_type, schema, privileges }) =>
      `${String(role).replace(/.*group-(\w+)\..*/, '$1')} ${object_type}${schema ? ` in ${schema}` : ''}: ${(privileges as string[]).join(', ')}`,
  );
  expect(grants.sort()).toMatchInlineSnapshot(`
[
  "orders_owner database: CONNECT, TEMPORARY",
  "orders_owner schema in public: USAGE, CREATE",
  "orders_read database: CONNECT",
  "orders_read schema in public: USAGE",
  "orders_read sequence in public: SELECT",
  "orders_read table in public: SELECT",
  "orders_write database: CONNECT",
  "orders_write schema in public: USAGE",
  "orders_write sequence in public: SELECT, USAGE",
  "orders_write table in public: SELECT, INSERT, UPDATE, DELETE",
]
`);
});

test('tables that the owner makes later are reached, too', () => {
  const defaults = resources(stackOf(), 'postgresql_default_privileges');
  expect(defaults['table-default-orders_read-orders-public-orders_owner']).toEqual({
    role: '${postgresql_role.group-orders_read.name}',
    owner: '${postgresql_role.group-orders_owner.name}',
    database: 'orders',
    schema: 'public',
    object_type: 'table',
    privileges: ['SELECT'],
  });
});

test('owners of another schema or database are another matter', () => {
  const access = defineAccess({
    groups: {
      audit_owner: owner({ schemas: ['audit'] }),
      other: owner({ database: 'other' }),
      reader: readOnly(),
    },
    logins: {},
  });
  expect(stackOf({ access, principals: {} })?.resource).not.toHaveProperty('postgresql_default_privileges');
});

test('further creators are reached by name', () => {
  const access = defineAccess({ groups: { reader: readOnly({ creators: ['postgres'] }) }, logins: {} });
  const defaults = resources(stackOf({ access, principals: {} }), 'postgresql_default_privileges');
  expect(Object.values(defaults).map(({ owner }) => owner)).toEqual(['postgres', 'postgres']);
});

describe('the admin', () => {
  test('is the master with the password that RDS manages, read as an ephemeral value', () => {
    expect(stackOf()?.ephemeral).toEqual({
      aws_secretsmanager_secret_version: {
        admin: { secret_id: '${data.aws_rds_cluster.cluster.master_user_secret[0].secret_arn}' },
      },
    });
    expect(providerOf()).toMatchObject({
      username: '${data.aws_rds_cluster.cluster.master_username}',
      password: '${jsondecode(ephemeral.aws_secretsmanager_secret_version.admin.secret_string)["password"]}',
      superuser: false,
    });
  });

  test('can have its password in another secret', () => {
    const secretArn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:admin-AbCdEf';
    const admin = secret(secretArn, { username: 'terraform' });
    expect(stackOf({ admin })?.ephemeral).toMatchObject({
      aws_secretsmanager_secret_version: { admin: { secret_id: secretArn } },
    });
    expect(providerOf({ admin })).toMatchObject({ username: 'terraform' });
  });

  test('can have its password in PGPASSWORD, and then no secret is read', () => {
    const admin = environmentPassword();
    expect(providerOf({ admin })).not.toHaveProperty('password');
    expect(stackOf({ admin })).not.toHaveProperty('ephemeral');
  });
});

describe('the way to the database', () => {
  test('is the endpoint over TLS, checked against the authorities of RDS beside the stack', () => {
    expect(providerOf()).toMatchObject({
      host: '${data.aws_rds_cluster.cluster.endpoint}',
      port: '${data.aws_rds_cluster.cluster.port}',
      sslmode: 'verify-full',
      sslrootcert: 'certificate-authorities.pem',
    });
    const pem = stackOf()?.files['certificate-authorities.pem'] ?? '';
    const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    expect(certificates.length).toBeGreaterThan(100);
    expect(certificates.every((certificate) => new X509Certificate(certificate).ca)).toBe(true);
  });

  test('through a tunnel the chain is checked still, and the name where the certificate carries it', () => {
    const through = { host: 'localhost', port: 15432 };
    expect(providerOf({ through: tunnel(through) })).toMatchObject({ ...through, sslmode: 'verify-ca' });
    expect(providerOf({ through: tunnel({ ...through, sslmode: 'verify-full' }) })).toMatchObject({
      sslmode: 'verify-full',
    });
  });
});

test('names of every kind become resources of their own, and no code of Terraform', () => {
  const groups = {
    'a b': readOnly(),
    ab: readOnly(),
    '${path.module}': readWrite({ schemas: ['%{ if x }'] }),
  };
  const stack = stackOf({ access: defineAccess({ groups, logins: {} }), principals: {} });
  const names = Object.values(resources(stack, 'postgresql_role')).map(({ name }) => name);
  expect(names.sort()).toEqual(['$${path.module}', 'a b', 'ab']);
  const schemas = Object.values(resources(stack, 'postgresql_grant')).map(({ schema }) => schema);
  expect(schemas).toContain('%%{ if x }');
});

test('a login that no principal uses is said, not refused', () => {
  const { warnings } = synthesize(exampleEnvironment({ principals: {} }));
  expect(warnings).toHaveLength(3);
  expect(warnings.join()).toContain('No principal of environment test connects as analyst');
});

test('each login has a connect command among the outputs', () => {
  expect(stackOf()?.output['connect_commands']?.value).toMatchObject({
    analyst: 'npx aurora-iam connect test analyst',
  });
});

test('the order of an environment file makes no difference to addresses', () => {
  const reversed = <T extends object>(object: T) => Object.fromEntries(Object.entries(object).reverse()) as T;
  const access = { groups: reversed(exampleAccess.groups), logins: reversed(exampleAccess.logins) };
  const principals = reversed(exampleEnvironment().principals);
  for (const stack of ['test-database', 'test-policies'])
    expect(synthesize(exampleEnvironment({ access, principals })).stacks[stack]?.resource).toEqual(
      synthesize(exampleEnvironment()).stacks[stack]?.resource,
    );
});

test('a region with a spelling mistake is warned of, not refused', () => {
  const { warnings } = synthesize(exampleEnvironment({ region: 'eu-wets-1' }));
  expect(warnings).toEqual([
    'Environment test: The region eu-wets-1 is not one that this version knows. Did you mean eu-west-1?',
  ]);
});

test('what is allowed and rarely meant is warned of once: seconds for milliseconds, one IAM role under two keys', () => {
  const { warnings } = synthesize(
    exampleEnvironment({
      access: {
        ...exampleAccess,
        logins: { ...exampleAccess.logins, analyst: { memberOf: ['orders_read'], statementTimeout: 30 } },
      },
      principals: {
        api: iamRole('orders-api', { connectsAs: ['orders_api'] }),
        jobs: iamRole('arn:aws:iam::111111111111:role/jobs/Orders-API', { connectsAs: ['orders_migrate'] }),
        analysts: documentOnly({ connectsAs: ['analyst'] }),
      },
    }),
  );
  expect(warnings).toEqual([
    'Environment test: Login analyst has statementTimeout: 30, which is in milliseconds: statements are aborted after 30 ms. For 30 seconds write 30000.',
    'Environment test: Principals api and jobs are the same IAM role orders-api: it may connect as the logins of all of them. One principal with all of these in connectsAs says so in one place.',
  ]);
});
