import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import environments from '../../../environments';
import { LOCAL_DIRECTORY } from '../../../local/project-directory';
import {
  documentOnly,
  existingInstance,
  githubActions,
  iamGroup,
  iamRole,
  iamUser,
  memberCluster,
  newRole,
  ownName,
  rdsProxy,
  s3Backend,
  secret,
  service,
} from '../../../modules';
import { PROVIDERS, type ProviderName } from '../../../planning/find-terraform';
import { exampleEnvironment } from '../../support/example';
import { describeWith, type Part } from '../../support/machine';
import { synthesize } from '../../support/synthesized';

// The providers at hand need not be the ones the bindings were made for: any that the project is tested with will do.
const everything = exampleEnvironment({
  name: 'everything',
  account: '333333333333',
  targets: {
    frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
    pooled: rdsProxy({ name: 'orders' }),
  },
  principals: {
    role: iamRole('r', {
      connectsAs: ['analyst'],
      targets: ['cluster', 'frankfurt', 'pooled'],
      mayLookUpCluster: true,
    }),
    user: iamUser('analyst', { connectsAs: ownName(['analyst']) }),
    group: iamGroup('g', { connectsAs: ['analyst'] }),
    machine: newRole('machine', {
      trust: service('ec2'),
      connectsAs: ['orders_api'],
      path: '/x/',
      tags: { a: 'b' },
    }),
    workflow: newRole('workflow', {
      trust: githubActions({ repository: 'me/x', tag: 'v1' }),
      connectsAs: ['orders_api'],
    }),
    document: documentOnly({ connectsAs: ['analyst'] }),
  },
});
const instance = exampleEnvironment({
  name: 'instance',
  account: '444444444444',
  cluster: existingInstance({ identifier: 'orders', databaseName: 'orders' }),
  backend: s3Backend({ bucket: 'states' }),
  admin: secret('arn:aws:secretsmanager:eu-west-1:444444444444:secret:x'),
});

const { stacks } = synthesize(
  ...[...environments, everything, instance].map((environment) => ({
    ...environment,
    providerVersions: { aws: PROVIDERS.aws.version, postgresql: PROVIDERS.postgresql.version },
  })),
);
const names = Object.keys(stacks);

/** One folder, initialised once, in which each stack is validated in its turn. */
function validateAll(
  title: string,
  parts: readonly Part[],
  providers: readonly ProviderName[],
  stackNames: readonly string[],
) {
  describeWith(parts, title, () => {
    let folder: string;
    const terraform = (...options: string[]) =>
      spawnSync('terraform', options, { cwd: folder, encoding: 'utf8' });

    beforeAll(() => {
      mkdirSync(LOCAL_DIRECTORY, { recursive: true });
      folder = mkdtempSync(join(LOCAL_DIRECTORY, 'validate-'));
      const required = Object.fromEntries(providers.map((name) => [name, PROVIDERS[name]]));
      writeFileSync(
        join(folder, 'cdk.tf.json'),
        JSON.stringify({ terraform: { required_providers: required } }),
      );
      const { status, stderr } = terraform('init', '-backend=false', '-input=false', '-no-color');
      expect({ status, stderr }).toMatchObject({ status: 0 });
    }, 60_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test.each(stackNames)(
      '%s',
      (name) => {
        writeFileSync(join(folder, 'cdk.tf.json'), stacks[name]?.text ?? '');
        const { diagnostics, valid } = JSON.parse(terraform('validate', '-json').stdout);
        expect({ valid, diagnostics }).toEqual({ valid: true, diagnostics: [] });
      },
      60_000,
    );
  });
}

const isDatabase = (name: string) => name.endsWith('-database');
validateAll(
  'Terraform takes the stacks that need only the AWS provider',
  ['aws-provider'],
  ['aws'],
  names.filter((name) => !isDatabase(name)),
);
validateAll(
  'Terraform takes the database stacks',
  ['aws-provider', 'postgresql-provider'],
  ['aws', 'postgresql'],
  names.filter(isDatabase),
);
