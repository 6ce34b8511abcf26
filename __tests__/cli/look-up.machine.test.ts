import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import { existingCluster, existingInstance, iamAdmin, memberCluster, rdsProxy } from '../../modules';
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
  const many = exampleEnvironment({
    name: 'many',
    cluster: existingCluster({ identifier: 'shop', databaseName: 'orders' }),
    admin: iamAdmin('iam_admin'),
    targets: {
      frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
      pooled: rdsProxy({ name: 'orders' }),
    },
  });
  writeFileSync(
    join(folder, 'environments.js'),
    `exports.default = ${JSON.stringify([cluster, instance, assumed, many])};`,
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
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE12345',
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

describe('every way into an environment', () => {
  const on = '<IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled>';
  const many = (...options: string[]) => run('token', '--env', 'many', ...options);

  test('the readers, and the admin', async () => {
    answer = clusters(`${endpoint}<ReaderEndpoint>readers.example</ReaderEndpoint>${on}`);
    expect((await many('--user', 'analyst', '--reader')).stdout).toMatch(/^readers\.example:5433\//);
    expect((await many('--user', 'iam_admin')).stdout).toContain('DBUser=iam_admin');
  });

  test('a member of the global database, in its own region', async () => {
    answer = clusters(`${endpoint}${on}`);
    const { stdout } = await many('--user', 'analyst', '--target', 'frankfurt');
    expect(decodeURIComponent(stdout)).toContain('/eu-central-1/rds-db/');
    expect(asked[0]).toContain('DBClusterIdentifier=orders-2');
  });

  test('as a principal: the cluster is looked up as oneself, and its role signs', async () => {
    answer = clusters(`${endpoint}${on}`);
    const { stderr } = await many('--as', 'analysts');
    expect(stderr).toContain('principal analysts is a document only');
    // The server answers AssumeRole with a cluster: what counts is what was asked, and in which order.
    await many('--as', 'api');
    const calls = asked.map((body) => new URLSearchParams(body));
    expect(calls.map((call) => call.get('Action'))).toEqual(['DescribeDBClusters', 'AssumeRole']);
    expect(calls[1]?.get('RoleArn')).toBe('arn:aws:iam::111111111111:role/orders-api');
  });

  test('with the name of a role, or the key of its principal: that role looks the cluster up', async () => {
    answer = clusters(`${endpoint}${on}`);
    for (const role of ['orders-api', 'api']) {
      asked = [];
      await many('--user', 'analyst', '--role', role);
      const [first] = asked.map((body) => new URLSearchParams(body));
      expect(first?.get('RoleArn')).toBe('arn:aws:iam::111111111111:role/orders-api');
    }
  });

  test('as a principal, with a login that it does not connect as', async () => {
    const { status, stderr } = await many('--as', 'api', '--user', 'analyst');
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Principal api connects as orders_api, and not as analyst.'),
    });
    expect(asked).toEqual([]);
  });

  test('the tools of the admin go the same ways', async () => {
    answer = clusters(`${endpoint}<ReaderEndpoint>readers.invalid</ReaderEndpoint>${on}`);
    expect((await run('check', '--env', 'many', '--reader')).stderr).toContain('at readers.invalid:5433');
    answer = clusters(`<Endpoint>frankfurt.invalid</Endpoint><Port>5434</Port>${on}`);
    expect((await run('preflight', 'many', '--target', 'frankfurt')).stderr).toContain(
      'iam_admin cannot connect to database orders at frankfurt.invalid:5434',
    );
    expect(asked[1]).toContain('DBClusterIdentifier=orders-2');
    expect((await run('revoke', 'many', 'analyst', '--reader')).stderr).toContain(
      "unknown option '--reader'",
    );
  });

  const proxies = (auth: string) => ({
    status: 200,
    body: `<DescribeDBProxiesResponse><DescribeDBProxiesResult><DBProxies><member><DBProxyName>orders</DBProxyName><Endpoint>proxy.example</Endpoint><Auth>${auth}</Auth></member></DBProxies></DescribeDBProxiesResult></DescribeDBProxiesResponse>`,
  });

  test('an RDS Proxy, if it is in end-to-end IAM mode', async () => {
    answer = proxies('');
    expect((await many('--user', 'analyst', '--target', 'pooled')).stdout).toMatch(/^proxy\.example:5432\//);
    answer = proxies('<member><AuthScheme>SECRETS</AuthScheme><IAMAuth>REQUIRED</IAMAuth></member>');
    const { status, stderr } = await many('--user', 'analyst', '--target', 'pooled');
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('standard mode') });
  });

  test.each([
    ['an unknown target', ['--target', 'london'], 'it has cluster, frankfurt, pooled'],
    ['the readers of a proxy', ['--target', 'pooled', '--reader'], 'leave --reader out'],
  ])('%s is refused', async (_what, options, message) => {
    const { status, stderr } = await many('--user', 'analyst', ...options);
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
    expect(asked).toEqual([]);
  });
});

test('the writer of a global database is where AWS says that it is today', async () => {
  answer = {
    status: 200,
    body: '<DescribeGlobalClustersResponse><DescribeGlobalClustersResult><GlobalClusters><GlobalClusterMember><GlobalClusterMembers><GlobalClusterMember><DBClusterArn>arn:aws:rds:eu-central-1:111111111111:cluster:shop</DBClusterArn><IsWriter>true</IsWriter></GlobalClusterMember></GlobalClusterMembers></GlobalClusterMember></GlobalClusters></DescribeGlobalClustersResult></DescribeGlobalClustersResponse>',
  };
  const options = ['token', '--host', 'shop.global-abc.global.rds.amazonaws.com', '--user', 'analyst'];
  expect(decodeURIComponent((await run(...options)).stdout)).toContain('/eu-central-1/rds-db/');
  answer = failure(403, 'AccessDenied');
  const { status, stderr } = await run(...options);
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('--region') });
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
    'Without a look-up, name the endpoint: --host, --port and --region',
  ],
])('%s is told, with the way out', async (_what, given, message) => {
  answer = given();
  const { status, stdout, stderr } = await token('test');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
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

describe('lint with an environment compares a policy with what AWS says', () => {
  const described =
    '<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster>' +
    '<DBClusterIdentifier>orders</DBClusterIdentifier>' +
    '<DBClusterArn>arn:aws:rds:eu-west-1:111111111111:cluster:orders</DBClusterArn>' +
    '<DbClusterResourceId>cluster-ABC1</DbClusterResourceId>' +
    '</DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>';
  const policy = (id: string) => {
    const file = join(folder, `${id}.json`);
    const Resource = `arn:aws:rds-db:eu-west-1:111111111111:dbuser:${id}/analyst`;
    const Statement = [{ Effect: 'Allow', Action: 'rds-db:connect', Resource }];
    writeFileSync(file, JSON.stringify({ Version: '2012-10-17', Statement }));
    return file;
  };

  test.each([[['test']], [['--env', 'test']]])('%j', async (environment) => {
    answer = { status: 200, body: described };
    expect(await run('lint', policy('cluster-ABC1'), ...environment)).toMatchObject({
      status: 0,
      stdout: '0 faults, 0 notes\n',
    });
    const { status, stdout } = await run('lint', policy('orders'), ...environment);
    expect(status).toBe(1);
    expect(stdout).toContain('fault wrong-id statement 1: "orders" is the identifier of cluster orders');
    expect(stdout).toContain('dbuser:cluster-ABC1/analyst');
    expect(asked.some((body) => body.includes('Action=DescribeDBInstances'))).toBe(true);
  });

  test('a failed look-up is reported, and nothing is compared with a guess', async () => {
    answer = {
      status: 403,
      body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
    };
    const { status, stderr } = await run('lint', policy('cluster-ABC1'), 'test');
    expect(status).toBe(2);
    expect(stderr).toContain('could not be looked up (AccessDenied: no)');
  });
});
