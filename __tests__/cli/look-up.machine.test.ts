import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import { existingCluster, existingInstance } from '../../modules';
import { exampleEnvironment } from '../support/example';

// `token --env` asks AWS for the endpoint: here a server that answers what a test wants.
const command = join(PROJECT_DIRECTORY, 'dist', 'cli', 'aurora-iam.js');
let server: Server;
let folder: string;
let answer: { status: number; body: string };
let asked: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-look-up-'));
  const cluster = exampleEnvironment();
  const instance = exampleEnvironment({
    name: 'instance',
    cluster: existingInstance({ identifier: 'single', databaseName: 'orders' }),
  });
  const assumed = exampleEnvironment({
    name: 'assumed',
    cluster: existingCluster({ identifier: 'other', databaseName: 'orders' }),
    assumeRole: { roleArn: 'arn:aws:iam::111111111111:role/deploy', externalId: 'x-1' },
  });
  writeFileSync(
    join(folder, 'environments.js'),
    `exports.default = ${JSON.stringify([cluster, instance, assumed])};`,
  );
  const context = { 'aurora-iam': { environments: 'environments.js' } };
  writeFileSync(join(folder, 'cdktf.json'), JSON.stringify({ context }));
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push(body);
      response.writeHead(answer.status, { 'Content-Type': 'text/xml' }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const token = (environment: string) => run('token', '--env', environment, '--user', 'analyst');

function run(...commandArguments: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [command, ...commandArguments], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'a secret',
      AWS_MAX_ATTEMPTS: '1',
    },
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk) => {
      output[stream] += chunk;
    });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, ...output })));
}

const clusters = (content: string) => ({
  status: 200,
  body: `<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster>${content}</DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>`,
});
const failure = (status: number, code: string) => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>as the test says</Message></Error></ErrorResponse>`,
});
const endpoint = '<Endpoint>db.example</Endpoint><Port>5433</Port>';

test('the token is for the endpoint and port that AWS tells', async () => {
  answer = clusters(`${endpoint}<IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled>`);
  const { status, stdout, stderr } = await token('test');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^db\.example:5433\//);
  expect(asked[0]).toContain('Action=DescribeDBClusters');
  expect(asked[0]).toContain('DBClusterIdentifier=orders');
});

test('of an instance, the instance is asked for', async () => {
  answer = {
    status: 200,
    body: '<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><Endpoint><Address>single.example</Address><Port>5432</Port></Endpoint><IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled></DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>',
  };
  expect((await token('instance')).stdout).toMatch(/^single\.example:5432\//);
  expect(asked[0]).toContain('DBInstanceIdentifier=single');
});

test.each<[string, () => { status: number; body: string }, string]>([
  [
    'IAM authentication that is off',
    () => clusters(`${endpoint}<IAMDatabaseAuthenticationEnabled>false</IAMDatabaseAuthenticationEnabled>`),
    '--enable-iam-database-authentication',
  ],
  ['a cluster that is still being made', () => clusters(''), 'has no endpoint yet'],
  [
    'a cluster that is not there',
    () => failure(404, 'DBClusterNotFoundFault'),
    'There is no cluster orders in eu-west-1',
  ],
  [
    'a look-up that is denied',
    () => failure(403, 'AccessDenied'),
    'Connecting does not need it: give --host, --port and --region',
  ],
])('%s is told, with the way out', async (_what, given, message) => {
  answer = given();
  const { status, stdout, stderr } = await token('test');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(message);
});

test("the admin's tools work as the role that the environment names; who connects does not", async () => {
  answer = failure(403, 'AccessDenied');
  const { stderr } = await run('check', 'assumed');
  expect(stderr).toContain('could not be looked up');
  const { Action, RoleArn, ExternalId } = Object.fromEntries(new URLSearchParams(asked[0]));
  expect({ Action, RoleArn, ExternalId }).toEqual({
    Action: 'AssumeRole',
    RoleArn: 'arn:aws:iam::111111111111:role/deploy',
    ExternalId: 'x-1',
  });
  asked = [];
  await run('check', 'assumed', '--role', 'arn:aws:iam::111111111111:role/mine');
  const mine = Object.fromEntries(new URLSearchParams(asked[0]));
  expect([mine['RoleArn'], mine['ExternalId']]).toEqual(['arn:aws:iam::111111111111:role/mine', undefined]);
  asked = [];
  await token('assumed');
  expect(asked[0]).toContain('Action=DescribeDBClusters');
});
