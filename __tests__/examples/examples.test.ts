import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import '../../testing';
import { resources, type SynthesizedApp, synthesizedBy } from '../support/synthesized';

const EXAMPLES = join(PROJECT_DIRECTORY, 'examples');

/** Runs an example's main.ts as it stands. */
function run(example: string): SynthesizedApp {
  return synthesizedBy((outdir) => {
    process.env['CDKTF_OUTDIR'] = outdir;
    try {
      require(join(EXAMPLES, example, 'main'));
    } finally {
      delete process.env['CDKTF_OUTDIR'];
    }
  });
}

test('each example is explained, and each program among them is run here', () => {
  const names = readdirSync(EXAMPLES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(names.filter((name) => !existsSync(join(EXAMPLES, name, 'README.md')))).toEqual([]);
  const index = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
  expect(names.filter((name) => !index.includes(`(${name}/README.md)`))).toEqual([]);
  expect(names.filter((name) => existsSync(join(EXAMPLES, name, 'main.ts')))).toEqual([
    'created-cluster',
    'existing-cluster',
    'own-stack',
  ]);
});

describe('existing-cluster', () => {
  const { stacks } = run('existing-cluster');

  test('looks the cluster up, and gives one role one login', () => {
    expect(Object.keys(stacks)).toEqual(['shop-database', 'shop-policies']);
    expect(stacks['shop-policies']).toAllowNothingBut([{ principal: 'analysts', login: 'analyst' }]);
    expect(resources(stacks['shop-database'], 'aws_rds_cluster')).toEqual({});
  });
});

describe('created-cluster', () => {
  const { stacks, dependencies } = run('created-cluster');

  test('creates the cluster before the access to it', () => {
    expect(dependencies).toEqual({
      'dev-cluster': [],
      'dev-database': ['dev-cluster'],
      'dev-policies': ['dev-cluster'],
    });
    expect(Object.values(resources(stacks['dev-cluster'], 'aws_rds_cluster'))).toMatchObject([
      { cluster_identifier: 'shop-dev', iam_database_authentication_enabled: true },
    ]);
  });

  test('each program has its own login, and nobody has another', () => {
    expect(stacks['dev-policies']).toAllowNothingBut([
      { principal: 'api', login: 'shop_api' },
      { principal: 'ci', login: 'shop_migrate', lookUp: true },
      { principal: 'analysts', login: 'analyst' },
      { principal: 'monitoring', login: 'monitoring' },
    ]);
  });

  test('what migrations create belongs to the owner group', () => {
    expect(Object.values(resources(stacks['dev-database'], 'postgresql_role'))).toContainEqual(
      expect.objectContaining({
        name: 'shop_migrate',
        assume_role: '${postgresql_role.group-shop_owner.name}',
      }),
    );
  });
});

describe('own-stack', () => {
  const { stacks } = run('own-stack');

  test('adds the access to the cluster of the same stack', () => {
    expect(Object.keys(stacks)).toEqual(['shop']);
    expect(stacks['shop']).toAllowNothingBut([{ principal: 'analysts', login: 'analyst' }]);
    expect(Object.values(resources(stacks['shop'], 'postgresql_role'))).toContainEqual(
      expect.objectContaining({ name: 'analyst', login: true }),
    );
  });
});
