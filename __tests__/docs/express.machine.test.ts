import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IAMClient } from '@aws-sdk/client-iam';
import { CreateDBClusterCommand, ModifyDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { logIn, refusalOf } from '../../clients/postgresql/log-in';
import { type LocalAurora, OWNER_CREDENTIALS, startLocalAurora } from '../../local/local-aurora';
import { createDeployment, type Deployment, localVariables } from '../../local/main-job/deploy';
import { allow } from '../../local/main-job/iam-master';
import { createUser } from '../../local/main-job/identities';
import { type LocalDoor, makeToken } from '../../local/main-job/logins';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../../local/project-directory';
import { findTerraform, type Terraform } from '../../planning/find-terraform';
import { isolatedEnvironment } from '../../planning/isolated-environment';
import { ended } from '../support/cli-project';
import { describeWith } from '../support/machine';

// docs/express.md, line by line, on Local Aurora. What cannot be played there is on the page: the gateway, its certificate.

const page = readFileSync(join(PROJECT_DIRECTORY, 'docs', 'express.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  );
const [create = '', deployLine = '', connectLine = ''] = blocks('sh').map((text) => text.trim());
const [environments = ''] = blocks('ts');
const region = 'eu-west-1';
/** cdktf itself, the SQL export and every second plan take a minute more. */
const SLOW = process.env['AURORA_IAM_SLOW_TESTS'] !== undefined;

test('from nothing to the first login of a second person in ten lines', () => {
  const lines = [create, environments, deployLine, connectLine].flatMap((text) => text.trim().split('\n'));
  expect(lines).toHaveLength(10);
  expect(deployLine).toBe("npx cdktf deploy 'app-*' --terraform-parallelism 1");
  expect(connectLine).toBe('npx aurora-iam connect app jane');
});

describeWith(
  ['terraform', 'aws-provider', 'postgresql-provider', 'moto', 'psql'],
  'an express cluster',
  () => {
    let folder: string;
    let aurora: LocalAurora;
    let deployment: Deployment;
    let terraform: Terraform;
    let deployer: AwsCredentialIdentity;
    let jane: AwsCredentialIdentity;
    let door: LocalDoor;
    let rds: RDSClient;
    let watching: { stop(): Promise<{ looks: number; refusals: string[] }> };

    beforeAll(async () => {
      folder = mkdtempSync(join(LOCAL_DIRECTORY, 'express-'));
      aurora = await startLocalAurora({
        directory: folder,
        toolsDirectory: join(LOCAL_DIRECTORY, 'tools'),
        region,
      });
      const owner = { endpoint: aurora.awsEndpoint, region, credentials: OWNER_CREDENTIALS };
      rds = new RDSClient(owner);
      const iam = new IAMClient(owner);
      [deployer, jane] = [await createUser(iam, 'administrator'), await createUser(iam, 'jane')];
      await allow(iam, 'administrator', {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      });
      iam.destroy();
      door = {
        host: 'localhost',
        port: aurora.port,
        region,
        database: 'postgres',
        certificateAuthority: readFileSync(aurora.certificateAuthorityFile, 'utf8'),
      };
      const found = await findTerraform(join(LOCAL_DIRECTORY, 'tools', 'terraform'));
      if ('missing' in found) throw new Error(found.missing);
      terraform = found;
      deployment = createDeployment({ directory: folder, aurora, terraform, region, deployer });
      project('');
    }, 180_000);
    afterAll(async () => {
      await deployment?.abort();
      rds?.destroy();
      await aurora?.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }, 60_000);

    const variables = (credentials: AwsCredentialIdentity) => ({
      ...isolatedEnvironment(terraform),
      ...localVariables(aurora, region, credentials),
    });
    const token = (user: string, credentials: AwsCredentialIdentity) => makeToken(door, user, credentials);
    const asMaster = async <T>(sql: string): Promise<T[]> =>
      logIn(
        door,
        'postgres',
        await token('postgres', deployer),
        async (client) => (await client.query(sql)).rows as T[],
      );
    const isInRdsIam = "SELECT pg_has_role('postgres', 'rds_iam', 'USAGE') AS inside";

    /** The page's environment in this account, with the authorities and providers that are here. @param login one more */
    function project(login: string): void {
      const modules = JSON.stringify(join(PROJECT_DIRECTORY, 'dist', 'modules'));
      // There are no types in it: as a module of Node it is the same.
      const program = environments
        .replace(/^import (.*) from '..\/modules';$/m, `const $1 = require(${modules});`)
        .replace('export default', 'exports.default =');
      writeFileSync(join(folder, 'page.js'), program);
      writeFileSync(
        join(folder, 'environments.js'),
        `exports.default = require('./page').default.map((each) => ({ ...each, account: '123456789012',
  certificateAuthorityFile: ${JSON.stringify(aurora.certificateAuthorityFile)},
  providerVersions: { aws: '>= 5.100.0, < 7.0.0', postgresql: '>= 1.26.0, < 2.0.0' },
  access: { ...each.access, logins: { ...each.access.logins, ${login} } } }));`,
      );
      writeFileSync(
        join(folder, 'main.js'),
        `const { App } = require(${JSON.stringify(require.resolve('cdktf'))});
const app = new App({ context: {} });
require(${modules}).environmentStacks(app, require('./environments.js').default);
app.synth();`,
      );
      writeFileSync(
        join(folder, 'cdktf.json'),
        JSON.stringify({
          language: 'typescript',
          app: 'node main.js',
          projectId: 'express',
          sendCrashReports: 'false',
          context: { 'aurora-iam': { environments: 'environments.js' } },
        }),
      );
    }
    /** What `cdktf deploy` does with one stack, in less time. */
    async function apply(stack: string, what: string): Promise<string> {
      const env = { ...variables(deployer), CDKTF_OUTDIR: join(folder, 'cdktf.out') };
      const synth = await ended(process.execPath, ['main.js'], { cwd: folder, env });
      expect(synth).toMatchObject({ status: 0 });
      const cwd = join(folder, 'cdktf.out', 'stacks', stack);
      if (!existsSync(join(cwd, '.terraform'))) {
        const init = await ended(terraform.binary, ['init', '-input=false', '-no-color'], { cwd, env });
        expect(init).toMatchObject({ status: 0 });
      }
      const given = [what, '-auto-approve', '-input=false', '-no-color', '-parallelism=1'];
      const { status, stdout, stderr } = await ended(terraform.binary, given, { cwd, env });
      if (status !== 0) throw new Error(stdout + stderr);
      return stdout;
    }
    /** Logs in as the master again and again. */
    function watch(): typeof watching {
      const refusals: string[] = [];
      let looks = 0;
      let going = true;
      const loop = (async () => {
        while (going) {
          const refusal = await refusalOf(asMaster(isInRdsIam));
          looks += 1;
          if (refusal !== undefined) refusals.push(refusal);
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      })();
      return {
        async stop() {
          going = false;
          await loop;
          return { looks, refusals };
        },
      };
    }

    test("is created by the page's own line, and its master is let in by a token only", async () => {
      const [command = '', ...given] = create.split(' ');
      const run = await ended(command, given, { cwd: folder, env: variables(deployer) }).catch(
        () => undefined,
      );
      // An older AWS CLI, or none: the same call by the SDK.
      if (run?.status !== 0)
        await rds.send(
          new CreateDBClusterCommand({
            DBClusterIdentifier: given[given.indexOf('--db-cluster-identifier') + 1],
            Engine: given[given.indexOf('--engine') + 1],
            WithExpressConfiguration: given.includes('--with-express-configuration'),
          }),
        );
      expect(await asMaster(isInRdsIam)).toEqual([{ inside: true }]);
      expect(await refusalOf(logIn(door, 'postgres', 'a password', async () => {}))).toContain(
        'PAM authentication failed',
      );
      // Whoever IAM does not allow it is not let in, either.
      expect(
        await refusalOf(logIn(door, 'postgres', await token('postgres', jane), async () => {})),
      ).toContain('PAM authentication failed');
      watching = watch();
    }, 60_000);

    test('is deployed to by the page, without a password, and the second person logs in', async () => {
      const before = await deployment.tool('preflight', 'app');
      expect(before).toMatchObject({ code: 0 });
      const stacks = ['app-database', 'app-policies'];
      if (SLOW) await deployment.deploy('app-*');
      else for (const stack of stacks) await apply(stack, 'apply');
      for (const stack of SLOW ? stacks : [])
        expect(await deployment.plan(stack)).toMatchObject({ changes: false });
      const after = await deployment.tool('check', 'app');
      expect(after.output.trim()).toBe('0 faults, 0 notes');
      const command = join(PROJECT_DIRECTORY, 'dist', 'cli', 'aurora-iam.js');
      const given = [...connectLine.split(' ').slice(2), '--', '-Atc', 'SELECT session_user'];
      const connected = await ended(process.execPath, [command, ...given], {
        cwd: folder,
        env: variables(jane),
      });
      expect(connected).toMatchObject({ status: 0, stdout: 'jane\n' });
      // It trusts the authorities of the environment, and takes the endpoint that AWS names for one.
      const looked = await ended(process.execPath, [command, 'doctor', 'app', 'jane'], {
        cwd: folder,
        env: variables(jane),
      });
      expect(looked).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(
          /^The login works from here[\s\S]* an internet access gateway, no VPC; every login must be an IAM one\n/,
        ),
      });
    }, 180_000);

    (SLOW ? test : test.skip)(
      'the same access as SQL, run as the master by its token, changes nothing, and no statement of it takes rds_iam away',
      async () => {
        const { code, output } = await deployment.tool('sql', 'app');
        expect(code).toBe(0);
        expect(output).toContain('PGPASSWORD="$(npx aurora-iam token app postgres)"');
        writeFileSync(join(folder, 'access.sql'), output);
        const env = {
          ...variables(deployer),
          PGHOST: 'localhost',
          PGPORT: String(door.port),
          PGUSER: 'postgres',
          PGDATABASE: 'postgres',
          PGSSLMODE: 'verify-full',
          PGSSLROOTCERT: aurora.certificateAuthorityFile,
          PGPASSWORD: await token('postgres', deployer),
        };
        const given = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', 'access.sql'];
        expect(await ended('psql', given, { cwd: folder, env })).toMatchObject({ status: 0 });
        expect(await deployment.plan('app-database')).toMatchObject({ changes: false });
        for (const refused of [
          ['sql', 'app', '--remove', 'postgres'],
          ['revoke', 'app', 'postgres'],
        ])
          expect(await deployment.tool(...refused)).toMatchObject({ code: 2 });
      },
      60_000,
    );

    test('a login is added and removed, and all is destroyed; the master was never locked out', async () => {
      project("joe: { memberOf: ['app_read'] }");
      // Nothing but the new login: what was deployed before is clean.
      expect(await apply('app-database', 'apply')).toContain('Plan: 1 to add, 0 to change, 0 to destroy');
      if (SLOW) expect(await deployment.plan('app-database')).toMatchObject({ changes: false });
      const logins = "SELECT rolname FROM pg_roles WHERE rolname IN ('jane', 'joe') ORDER BY 1";
      expect(await asMaster(logins)).toEqual([{ rolname: 'jane' }, { rolname: 'joe' }]);
      project('');
      if (SLOW) {
        expect(await apply('app-database', 'apply')).toContain('Plan: 0 to add, 0 to change, 1 to destroy');
        expect(await asMaster(logins)).toEqual([{ rolname: 'jane' }]);
      }
      await apply('app-database', 'destroy');
      expect(await asMaster(logins)).toEqual([]);
      const { looks, refusals } = await watching.stop();
      expect(refusals).toEqual([]);
      expect(looks).toBeGreaterThan(10);
      expect(await asMaster(isInRdsIam)).toEqual([{ inside: true }]);
    }, 180_000);

    test('what contradicts a master without a password is refused, and a password turns it into another', async () => {
      const modify = (changes: object) =>
        rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'app', ...changes }));
      const MasterUserPassword = 'a-master-password';
      for (const changes of [
        { MasterUserPassword },
        { MasterUserAuthenticationType: 'iam-db-auth' as const, MasterUserPassword },
        { MasterUserAuthenticationType: 'password' as const },
      ])
        await expect(modify(changes)).rejects.toThrow(/password/i);
      await modify({ MasterUserAuthenticationType: 'password', MasterUserPassword });
      const { DBCluster } = await modify({ ManageMasterUserPassword: true });
      const byPassword = { ...door, host: DBCluster?.Endpoint ?? '', address: '127.0.0.1' };
      const secret = aurora.masterPassword() ?? '';
      await logIn(byPassword, 'postgres', secret, async () => {});
      // The environment still says otherwise: a plan and the tools stop before they try.
      const { code, output } = await deployment.tool('check', 'app');
      expect({ code, output }).toMatchObject({
        code: 2,
        output: expect.stringContaining('Take masterUserAuthenticationType out'),
      });
      if (SLOW)
        await expect(apply('app-database', 'apply')).rejects.toThrow('Take masterUserAuthenticationType out');
      await modify({ MasterUserAuthenticationType: 'iam-db-auth' });
      expect(await refusalOf(logIn(door, 'postgres', secret, async () => {}))).toContain(
        'PAM authentication failed',
      );
      expect(await asMaster(isInRdsIam)).toEqual([{ inside: true }]);
      if (SLOW) expect((await deployment.tool('preflight', 'app')).code).toBe(0);
    }, 60_000);
  },
);
