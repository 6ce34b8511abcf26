import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import { PROVIDERS } from '../../planning/find-terraform';
import { KNOWN_AFTER_APPLY, type Plan } from '../../testing';
import { describeWith } from '../support/machine';
import { linksOf } from '../support/markdown';
import { resources, type SynthesizedStack } from '../support/synthesized';

const CONSUMER = join(PROJECT_DIRECTORY, '__tests__', 'package', 'consumer');
const EXAMPLES = join(PROJECT_DIRECTORY, 'examples');
/** The example that the consumer's programs are about. */
const OWN_STACK = 'own-stack';
const OWN = JSON.parse(readFileSync(join(PROJECT_DIRECTORY, 'package.json'), 'utf8')) as Record<
  'dependencies' | 'devDependencies' | 'peerDependencies',
  Record<string, string>
>;
const TYPESCRIPT = join(PROJECT_DIRECTORY, 'node_modules', 'typescript', 'bin', 'tsc');

let folder: string;
let project: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-package-'));
  project = join(folder, 'shop');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in the consumer's project. @returns its standard output. @throws Error where it fails, with what it printed */
function run(command: string, options: readonly string[], { cwd = project, environment = {} } = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, options, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (error || status !== 0)
    throw new Error(
      `${[command, ...options].join(' ')}: ${error ?? `exit code ${status}`}\n${stdout}${stderr}`,
    );
  return stdout;
}

/** Files below, relative, sorted. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

/** Packs a copy of the project, because packing builds anew what other tests are using. @returns the tarball */
function pack(): string {
  const copy = join(folder, 'copy');
  const left = new Set(['node_modules', 'dist', '.git', '.local', 'cdktf.out']);
  cpSync(PROJECT_DIRECTORY, copy, {
    recursive: true,
    filter: (path) => dirname(path) !== PROJECT_DIRECTORY || !left.has(relative(PROJECT_DIRECTORY, path)),
  });
  symlinkSync(join(PROJECT_DIRECTORY, 'node_modules'), join(copy, 'node_modules'));
  // What a file that was deleted since has left behind.
  mkdirSync(join(copy, 'dist', 'modules'), { recursive: true });
  writeFileSync(join(copy, 'dist', 'modules', 'gone.js'), '');
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], { cwd: copy }).replace(
      /^[^[]*/,
      '',
    ),
  ) as [{ filename: string }];
  return join(folder, packed.filename);
}

/** An empty project with the peers that a CDKTF project has, and the package. */
function install(tarball: string): void {
  mkdirSync(project);
  const peers = Object.keys(OWN.peerDependencies).map((name) => [name, OWN.devDependencies[name]]);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'shop', private: true, dependencies: Object.fromEntries(peers) }),
  );
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball]);
  // The compiler of this project, as the examples' `npx tsc` finds it.
  symlinkSync(TYPESCRIPT, join(project, 'node_modules', '.bin', 'tsc'));
}

/** What `cdktf synth` does in a folder: runs the `app` of its cdktf.json. @returns the synthesized stacks */
function synthesizedIn(example: string): Record<string, SynthesizedStack> {
  const cwd = join(project, example);
  const { app } = JSON.parse(readFileSync(join(cwd, 'cdktf.json'), 'utf8')) as { app: string };
  run('sh', ['-c', app], { cwd });
  const stacks = join(cwd, 'cdktf.out', 'stacks');
  return Object.fromEntries(
    readdirSync(stacks).map((name) => [
      name,
      JSON.parse(readFileSync(join(stacks, name, 'cdk.tf.json'), 'utf8')),
    ]),
  );
}

/** Compiles the consumer's programs with the compiler of this project. @param types packages of types that the consumer has */
function compile(
  files: readonly string[],
  options: Readonly<Record<string, unknown>>,
  types: readonly string[] = ['node'],
): void {
  const folder = join(project, 'node_modules', '@types');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const name of types)
    symlinkSync(join(PROJECT_DIRECTORY, 'node_modules', '@types', name), join(folder, name));
  const compilerOptions = {
    target: 'es2022',
    module: 'node16',
    strict: true,
    exactOptionalPropertyTypes: true,
    types,
    ...options,
  };
  const cwd = join(project, OWN_STACK);
  writeFileSync(join(cwd, 'tsconfig.test.json'), JSON.stringify({ compilerOptions, files }));
  run(process.execPath, [TYPESCRIPT, '-p', 'tsconfig.test.json'], { cwd });
}

describeWith(['npm-registry'], 'the package, installed into an empty CDKTF project', () => {
  let installed: string;

  beforeAll(() => {
    install(pack());
    installed = join(project, 'node_modules', 'aurora-iam');
    cpSync(EXAMPLES, project, { recursive: true });
    cpSync(CONSUMER, join(project, OWN_STACK), { recursive: true });
  }, 180_000);

  test('holds what a consumer needs, and nothing else', () => {
    const files = filesIn(installed).filter((file) => !file.startsWith('node_modules'));
    const folders = new Set(
      files.map((file) =>
        file
          .split('/')
          .slice(0, file.startsWith('dist/') ? 2 : 1)
          .join('/'),
      ),
    );
    expect([...folders].sort()).toEqual([
      '.github',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'cli',
      'dist/cli',
      'dist/clients',
      'dist/modules',
      'dist/planning',
      'dist/proxy',
      'dist/testing',
      'docs',
      'examples',
      'package.json',
    ]);
    expect(files.filter((file) => file.startsWith('docs/') && !file.endsWith('.md'))).toEqual([]);
    expect(files).not.toContain('dist/modules/gone.js');
    expect(
      files.filter((file) => readFileSync(join(installed, file), 'utf8').includes(PROJECT_DIRECTORY)),
    ).toEqual([]);
  });

  test('its pages lead to nothing that stays behind in the repository, but for those who work on it', () => {
    const files = filesIn(installed);
    const left = files
      .filter((file) => file.endsWith('.md') && !file.startsWith('node_modules'))
      .flatMap((page) =>
        linksOf(readFileSync(join(installed, page), 'utf8')).map((link) => ({
          page,
          target: join(dirname(page), link.replace(/#.*/, '')),
        })),
      )
      .filter(
        ({ target }) => existsSync(join(PROJECT_DIRECTORY, target)) && !existsSync(join(installed, target)),
      )
      .filter(({ target }) => !/^(ARCHITECTURE\.md|CONTRIBUTING\.md|__tests__\/.*)$/.test(target));
    expect(left).toEqual([]);
  });

  test('imports nothing that it does not bring along or ask for', () => {
    const allowed = [...Object.keys(OWN.dependencies), ...Object.keys(OWN.peerDependencies)];
    const imported = new Set<string>();
    for (const file of filesIn(installed).filter(
      (each) => /\.c?js$/.test(each) && !each.startsWith('node_modules'),
    )) {
      const text = readFileSync(join(installed, file), 'utf8');
      for (const [, specifier = ''] of text.matchAll(/\b(?:require|import)\(['"]([^'"]+)['"]\)/g)) {
        const path = join(installed, dirname(file), specifier);
        if (specifier.startsWith('.'))
          expect([file, specifier, [path, `${path}.js`, join(path, 'index.js')].some(existsSync)]).toEqual([
            file,
            specifier,
            true,
          ]);
        else if (!specifier.startsWith('node:') && !builtinModules.includes(specifier))
          imported.add(
            specifier
              .split('/')
              .slice(0, specifier.startsWith('@') ? 2 : 1)
              .join('/'),
          );
      }
    }
    expect([...imported].filter((name) => !allowed.includes(name))).toEqual([]);
    expect(allowed.filter((name) => !imported.has(name))).toEqual([]);
  });

  test('pulls in no dependency of its development', () => {
    const present = Object.keys(OWN.devDependencies).filter(
      (name) =>
        !(name in OWN.peerDependencies) &&
        // These come with the AWS SDK.
        !['@aws-sdk/types', '@smithy/signature-v4', '@aws-sdk/client-sts'].includes(name) &&
        name !== '@types/node' &&
        existsSync(join(project, 'node_modules', name)),
    );
    expect(present).toEqual([]);
  });

  test.each([
    ['node16', ['node']],
    ['preserve', ['node']],
    ['node16', ['node', 'jest']],
  ])(
    'its types hold in a program of module %s that has the types of %s',
    (module, types) => {
      const files = [
        'main.ts',
        '../existing-cluster/main.ts',
        '../created-cluster/main.ts',
        'matchers.ts',
        'plan.ts',
        ...(types.includes('jest') ? ['jest.ts'] : []),
      ];
      for (const skipLibCheck of [true, false]) compile(files, { module, noEmit: true, skipLibCheck }, types);
    },
    60_000,
  );

  describe('synthesizes', () => {
    let stack: SynthesizedStack;

    beforeAll(() => {
      compile(['matchers.ts', 'plan.ts'], {});
      stack = synthesizedIn(OWN_STACK)['shop'] as SynthesizedStack;
    }, 60_000);

    test("access to the project's own cluster", () => {
      const [policy] = Object.values(resources(stack, 'aws_iam_policy'));
      expect(policy?.['policy']).toContain('dbuser:${aws_rds_cluster.cluster.cluster_resource_id}/analyst"');
      expect(Object.values(resources(stack, 'aws_iam_role_policy_attachment'))).toMatchObject([
        { role: 'analysts' },
      ]);
      const roles = Object.values(resources(stack, 'postgresql_role'));
      expect(roles).toContainEqual(expect.objectContaining({ name: 'reader', login: false }));
      expect(roles).toContainEqual(
        expect.objectContaining({ name: 'analyst', login: true, roles: ['rds_iam', expect.any(String)] }),
      );
      expect(Object.values(resources(stack, 'postgresql_grant'))).toContainEqual(
        expect.objectContaining({ object_type: 'table', privileges: ['SELECT'], schema: 'public' }),
      );
    });

    test('and the matchers judge it', () => {
      expect(JSON.parse(run(process.execPath, ['matchers.js'], { cwd: join(project, OWN_STACK) }))).toEqual({
        matchers: ['toAllowConnect', 'toAllowNothingBut'],
        connects: true,
        nothingElse: true,
        nobodyElse: false,
      });
    });

    test('an environment each for a cluster that exists and one that is created', () => {
      expect(Object.keys(synthesizedIn('existing-cluster'))).toEqual(['shop-database', 'shop-policies']);
      expect(Object.keys(synthesizedIn('created-cluster'))).toEqual([
        'dev-cluster',
        'dev-database',
        'dev-policies',
      ]);
    }, 60_000);

    test('and the command works', () => {
      const cwd = join(project, 'existing-cluster');
      const command = (...options: string[]) =>
        run('npx', ['--no-install', 'aurora-iam', ...options], { cwd });
      expect(command('--help')).toContain('IAM logins to Aurora PostgreSQL');
      expect(command('sql', 'shop')).toContain('CREATE ROLE "analyst" LOGIN');
    });

    describeWith(
      ['terraform', 'aws-provider', 'postgresql-provider'],
      'and Terraform plans it, without an account and before there is a database',
      () => {
        test('everything is created', () => {
          const versions = [PROVIDERS.aws.version, PROVIDERS.postgresql.version];
          const planned = JSON.parse(
            run(process.execPath, ['plan.js', ...versions], { cwd: join(project, OWN_STACK) }),
          ) as Plan['resources'];
          const types = Object.entries(planned).map(
            ([address, { actions }]) => `${address.split('.')[0]} ${actions.join(', ')}`,
          );
          expect([...new Set(types)].sort()).toEqual([
            'aws_iam_policy create',
            'aws_iam_role_policy_attachment create',
            'aws_rds_cluster create',
            'aws_rds_cluster_instance create',
            'postgresql_grant create',
            'postgresql_role create',
          ]);
          // The resource id is the cluster's own, which nobody knows yet: never the identifier.
          const policy = Object.entries(planned).find(([address]) => address.startsWith('aws_iam_policy.'));
          expect(policy?.[1].values).toMatchObject({ policy: KNOWN_AFTER_APPLY });
        }, 120_000);
      },
    );
  });
});
