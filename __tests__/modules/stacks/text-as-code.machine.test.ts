import { App } from 'cdktf';
import {
  createCluster,
  custom,
  type Environment,
  environmentStacks,
  newRole,
  s3Backend,
  serverlessV2,
  service,
} from '../../../modules';
import { planOf } from '../../../testing';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';

/** Each sign that Terraform's templates know, and an escape of one. */
const CODE = '${file("/etc/hostname")}%{ if true }x%{ endif }$${y}%%{z}';
const WITHOUT_BLANKS = '${file("/etc/hostname")}%{x}$${y}';

const providerVersions = { aws: '>= 5.100.0, < 7.0.0', postgresql: '>= 1.26.0, < 2.0.0' };
const roleArn = `arn:aws:iam::111111111111:role/${WITHOUT_BLANKS}/deploy`;
const boundary = `arn:aws:iam::111111111111:policy/${WITHOUT_BLANKS}/limits`;
const database = `d${CODE}`;

const environment: Environment = exampleEnvironment({
  cluster: createCluster({
    identifier: 'orders',
    databaseName: 'orders',
    engineVersion: '17.5',
    instances: serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 1 }),
    parameters: { log_line_prefix: { value: CODE } },
  }),
  access: {
    groups: {
      [`g${CODE}`]: custom(
        { tables: ['SELECT'] },
        { database: 'd${x}', schemas: [`s${CODE}`], creators: [`c${CODE}`] },
      ),
    },
    logins: { analyst: { memberOf: [`g${CODE}`], searchPath: ['s${x}%{y}'] } },
  },
  databases: [database.slice(0, 60)],
  principals: {
    api: newRole('orders-api', {
      trust: service('lambda'),
      connectsAs: ['analyst'],
      path: `/${WITHOUT_BLANKS}/`,
      permissionsBoundaryArn: boundary,
      tags: { [`t${CODE}`]: CODE },
    }),
  },
  assumeRole: { roleArn },
  backend: s3Backend({ bucket: 'states', assumeRoleArn: roleArn }),
  tags: { all: CODE },
  providerVersions,
});

/** Every text in a plan, wherever it stands. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [key, ...texts(child)]);
}

describeWith(['terraform', 'aws-provider', 'postgresql-provider'], 'Terraform itself reads as text', () => {
  const [stacks] = environmentStacks(new App(), [environment]);

  test('parameters of the cluster, and tags of everything', async () => {
    const { resources } = await planOf(stacks?.cluster as never, { providerVersions });
    const all = texts(resources);
    expect(all).toContain(CODE);
  }, 120_000);

  test('path, boundary and tags of a role', async () => {
    const { resources } = await planOf(stacks?.policies as never, { providerVersions });
    const all = texts(resources);
    // planOf leaves the account out.
    const shown = boundary.replace('111111111111', '(account)');
    expect(all).toEqual(expect.arrayContaining([`/${WITHOUT_BLANKS}/`, shown, `t${CODE}`, CODE]));
  }, 120_000);

  test('names inside PostgreSQL', async () => {
    const { resources } = await planOf(stacks?.database as never, { providerVersions });
    const all = texts(resources);
    expect(all).toEqual(expect.arrayContaining([`g${CODE}`, `s${CODE}`, `c${CODE}`, 'd${x}', 's${x}%{y}']));
  }, 120_000);
});
