import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MotoServer, startMoto } from '../../local/aws/moto';
import { findMoto } from '../../local/aws/moto-installation';
import { LOCAL_DIRECTORY } from '../../local/project-directory';
import { attributesInState, stateResources } from '../../modules/plan/terraform-state';
import { readState } from '../../planning/read-state';
import { describeWith } from '../support/machine';

/** With a resource of a provider that is not here: reading a state needs none. */
const state = (name: string) =>
  JSON.stringify({
    version: 4,
    terraform_version: '1.10.0',
    serial: 3,
    lineage: 'dc9cb6bb-3ba7-d030-2c14-1265866926e2',
    outputs: {},
    resources: [
      {
        mode: 'managed',
        type: 'postgresql_role',
        name: 'login-a',
        provider: 'provider["registry.terraform.io/nobody/nothing"]',
        instances: [{ schema_version: 0, attributes: { name }, sensitive_attributes: [] }],
      },
    ],
    check_results: null,
  });
const rolesIn = (text: string) => [...attributesInState(stateResources(text), 'postgresql_role', 'name')];

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'aurora-iam-state-test-')), 'cdktf.out', 'stacks', 'own');
  mkdirSync(folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const stack = (terraform: object) =>
  writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify({ terraform }));

describeWith(['terraform'], 'a state in a local file', () => {
  const path = '../../../terraform.own.tfstate';
  beforeEach(() => stack({ backend: { local: { path } } }));

  test('is read from beside cdktf.out, and leaves the folder of the stack as it was', async () => {
    writeFileSync(join(folder, path), state('a'));
    expect(rolesIn(await readState(folder))).toEqual(['a']);
    expect(readdirSync(folder)).toEqual(['cdk.tf.json']);
  });

  test('that is not there, or is empty and was never another, is an empty state', async () => {
    expect(await readState(folder)).toBe('');
    writeFileSync(join(folder, path), '');
    expect(rolesIn(await readState(folder))).toEqual([]);
  });

  test('without a backend it is in the folder of the stack', async () => {
    stack({});
    writeFileSync(join(folder, 'terraform.tfstate'), state('b'));
    expect(rolesIn(await readState(folder))).toEqual(['b']);
  });

  test('of the workspace that was selected there', async () => {
    mkdirSync(join(folder, '.terraform'));
    writeFileSync(join(folder, '.terraform', 'environment'), 'other');
    writeFileSync(join(folder, path), state('a'));
    stack({ backend: { local: { path, workspace_dir: join(folder, 'workspaces') } } });
    mkdirSync(join(folder, 'workspaces', 'other'), { recursive: true });
    writeFileSync(join(folder, 'workspaces', 'other', 'terraform.tfstate'), state('c'));
    expect(rolesIn(await readState(folder))).toEqual(['c']);
    rmSync(join(folder, path));
    expect(rolesIn(await readState(folder))).toEqual(['c']);
  });
});

describeWith(['terraform', 'moto'], 'a state in S3', () => {
  let moto: MotoServer;
  beforeAll(async () => {
    const installation = await findMoto({ toolsDirectory: join(LOCAL_DIRECTORY, 'tools') });
    if (!installation) throw new Error('moto was there a moment ago');
    moto = await startMoto({ installation, log: { write: () => {} } });
  }, 60_000);
  afterAll(() => moto?.stop());
  const put = (path: string, body = '') => fetch(`${moto.url}${path}`, { method: 'PUT', body });
  const variables = () => ({
    AWS_ENDPOINT_URL: moto.url,
    AWS_ACCESS_KEY_ID: 'owner',
    AWS_SECRET_ACCESS_KEY: 'owner',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  const backend = (key: string) => ({
    // As an environment's backend, and what leads to moto.
    backend: {
      s3: {
        bucket: 'states',
        key,
        region: 'us-east-1',
        encrypt: true,
        use_lockfile: true,
        use_path_style: true,
      },
    },
  });

  test('is asked for with the variables of the deploy; one that was never written is empty', async () => {
    expect((await put('/states')).status).toBe(200);
    expect((await put('/states/aurora-iam/dev-database.tfstate', state('a'))).status).toBe(200);
    stack(backend('aurora-iam/dev-database.tfstate'));
    expect(rolesIn(await readState(folder, variables()))).toEqual(['a']);
    stack(backend('aurora-iam/other-database.tfstate'));
    expect(rolesIn(await readState(folder, variables()))).toEqual([]);
  }, 60_000);

  test('in a bucket that is not there is an error, and no empty state', async () => {
    stack({ backend: { s3: { ...backend('x').backend.s3, bucket: 'no-such-bucket' } } });
    await expect(readState(folder, variables())).rejects.toThrow(/no-such-bucket|bucket/i);
  }, 60_000);
});
