import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdktf';
import { bareProgram } from '../../bench/bare-program';
import {
  firstDifferenceOfStacks,
  readSynthesizedStacks,
  type SynthesizedStack,
} from '../../bench/synthesized-stacks';
import environments from '../../environments';
import { LOCAL_DIRECTORY } from '../../local/project-directory';
import {
  createCluster,
  documentOnly,
  type Environment,
  environmentStacks,
  iamGroup,
  iamRole,
  iamUser,
  memberCluster,
  newRole,
  owner,
  provisioned,
  s3Backend,
  service,
} from '../../modules';
import { exampleAccess, exampleEnvironment } from '../support/example';

/** Each kind of thing that an environment turns into: tags, a second provider, state in S3, loosened versions. */
const everything: Partial<Environment> = {
  cluster: createCluster({
    identifier: 'orders',
    databaseName: 'orders',
    engineVersion: '17.5',
    instances: provisioned({ instanceClass: 'db.r7g.large', readers: 1 }),
    subnetIds: ['subnet-1', 'subnet-2'],
    parameters: { shared_preload_libraries: { value: 'pg_stat_statements', applyMethod: 'pending-reboot' } },
    overrides: { cluster: { preferredBackupWindow: '02:00-03:00', tags: { cost_center: 'orders' } } },
  }),
  targets: { elsewhere: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }) },
  principals: {
    api: iamRole('orders-api', { connectsAs: ['orders_api'], targets: ['cluster', 'elsewhere'] }),
    job: newRole('orders-job', {
      trust: service('lambda'),
      connectsAs: ['orders_migrate'],
      tags: { cost_center: 'orders' },
    }),
    jane: iamUser('jane', { connectsAs: ['analyst'] }),
    group: iamGroup('analysts', { connectsAs: ['analyst'] }),
    analysts: documentOnly({ connectsAs: ['analyst'] }),
  },
  // A schema that is missing is made by a command.
  access: {
    ...exampleAccess,
    groups: { ...exampleAccess.groups, orders_owner: owner({ schemas: ['public', 'audit'] }) },
  },
  tags: { data_class: '${not a template}' },
  assumeRole: { roleArn: 'arn:aws:iam::111111111111:role/deploy' },
  backend: s3Backend({
    bucket: 'orders-terraform-state',
    assumeRoleArn: 'arn:aws:iam::111111111111:role/state',
  }),
  providerVersions: { aws: '>= 5.100.0, < 7.0.0' },
};

let folder: string;

beforeEach(() => {
  mkdirSync(LOCAL_DIRECTORY, { recursive: true });
  // Below the project, so that the program finds its node_modules.
  folder = mkdtempSync(join(LOCAL_DIRECTORY, 'test-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the bare program that the bench compares with', () => {
  test('emits the same stacks as the environment it is made from', () => {
    const ours = ourStacks(exampleEnvironment(everything));
    expect(Object.keys(ours[2]?.json['resource'] ?? {})).toContain('aws_iam_role');
    expect(JSON.stringify(ours[2]?.json)).toContain('"provider":"aws.');
    expect(ours.map(({ name }) => name)).toEqual(['test-cluster', 'test-database', 'test-policies']);
    expect(firstDifferenceOfStacks(ours, bareStacks(ours))).toBeUndefined();
  });

  test('can be made of the environments that the bench is about', () => {
    const app = new App({ outdir: mkdtempSync(join(folder, 'environments-')) });
    environmentStacks(app, environments);
    app.synth();
    const ours = readSynthesizedStacks(app.outdir);
    expect(firstDifferenceOfStacks(ours, bareStacks(ours))).toBeUndefined();
  });

  test('holds nothing of the model: only CDKTF and its bindings', () => {
    const imports = [
      ...bareProgram(ourStacks(exampleEnvironment(everything))).matchAll(/require\('(.*?)'\)/g),
    ];
    expect(imports.length).toBeGreaterThan(8);
    for (const [, path] of imports)
      expect(path).toMatch(/^(node:(fs|path)|cdktf|@cdktf\/provider-\w+\/lib\/[\w-]+)$/);
  });

  test('is not made for a block there is no rule for', () => {
    const [stack] = ourStacks(exampleEnvironment());
    const withCheck = { ...stack, json: { ...stack?.json, check: { health: {} } } } as SynthesizedStack;
    expect(() => bareProgram([withCheck])).toThrow('No rule for "check" in stack test-database.');
  });
});

describe('the comparison of two syntheses', () => {
  const [database, policies] = [stack('database'), stack('policies', ['cluster'])];

  test.each<[string, SynthesizedStack[], string]>([
    ['another value', [stack('database', [], { a: { b: [1, 3] } }), policies], 'stacks.database.json.a.b.1'],
    ['a missing argument', [stack('database', [], { a: {} }), policies], 'stacks.database.json.a.b'],
    [
      'null where there was nothing',
      [stack('database', [], { a: { b: [1, 2], c: null } }), policies],
      'stacks.database.json.a.c',
    ],
    ['a missing stack', [database], 'stacks.policies'],
    ['a missing dependency', [database, stack('policies')], 'stacks.policies.dependencies.0'],
    ['another file', [{ ...database, files: { 'a.pem': 'other' } }, policies], 'stacks.database.files.a.pem'],
  ])('finds %s', (_what, others, path) => {
    expect(firstDifferenceOfStacks([database, policies], others)).toBe(path);
  });

  test('takes no notice of the order of keys', () => {
    expect(
      firstDifferenceOfStacks([stack('one', [], { a: 1, b: 2 })], [stack('one', [], { b: 2, a: 1 })]),
    ).toBeUndefined();
  });
});

function stack(
  name: string,
  dependencies: string[] = [],
  json: SynthesizedStack['json'] = { a: { b: [1, 2] } },
): SynthesizedStack {
  return { name, dependencies, json, files: { 'a.pem': 'text' } };
}

function ourStacks(environment: Environment): SynthesizedStack[] {
  const outdir = mkdtempSync(join(folder, 'ours-'));
  const app = new App({ outdir });
  environmentStacks(app, [environment]);
  app.synth();
  return readSynthesizedStacks(outdir);
}

function bareStacks(stacks: readonly SynthesizedStack[]): SynthesizedStack[] {
  for (const { name, files } of stacks) {
    mkdirSync(join(folder, name));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
  }
  const program = join(folder, 'program.js');
  writeFileSync(program, bareProgram(stacks));
  const outdir = join(folder, 'bare');
  // cdktf 0.21 uses util.isArray, which Node warns of from 22 on.
  const { status, stderr } = spawnSync(process.execPath, ['--no-deprecation', program], {
    env: { ...process.env, CDKTF_OUTDIR: outdir },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return readSynthesizedStacks(outdir);
}
