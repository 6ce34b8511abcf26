import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  DeleteDBClusterCommand,
  ModifyDBClusterCommand,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import { logIn, refusalOf } from '../../clients/postgresql/log-in';
import { type LocalAurora, OWNER_CREDENTIALS, startLocalAurora } from '../../local/local-aurora';
import type { LocalDoor } from '../../local/main-job/logins';
import { LOCAL_DIRECTORY } from '../../local/project-directory';

const region = 'eu-west-1';
const engine = { Engine: 'aurora-postgresql', EngineVersion: '17.5' };
let aurora: LocalAurora;
let rds: RDSClient;
let folder: string;
const clients: RDSClient[] = [];

const clientOf = (inRegion: string) => {
  const client = new RDSClient({
    endpoint: aurora.awsEndpoint,
    region: inRegion,
    credentials: OWNER_CREDENTIALS,
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
};

beforeAll(async () => {
  folder = mkdtempSync(join(LOCAL_DIRECTORY, 'one-server-'));
  aurora = await startLocalAurora({
    directory: folder,
    toolsDirectory: join(LOCAL_DIRECTORY, 'tools'),
    region,
  });
  rds = clientOf(region);
}, 300_000);
afterAll(async () => {
  for (const client of clients) client.destroy();
  await aurora?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('a second cluster is refused, and the first one keeps its master', async () => {
  const { DBCluster } = await rds.send(
    new CreateDBClusterCommand({
      ...engine,
      DBClusterIdentifier: 'orders',
      DatabaseName: 'orders',
      MasterUsername: 'postgres',
      MasterUserPassword: 'first-password',
      Port: aurora.port,
    }),
  );
  const door: LocalDoor = {
    host: DBCluster?.Endpoint ?? '',
    port: aurora.port,
    region,
    database: 'orders',
    address: '127.0.0.1',
    certificateAuthority: readFileSync(aurora.certificateAuthorityFile, 'utf8'),
  };
  const roles = () =>
    logIn(door, 'postgres', 'first-password', async (client) => {
      const { rows } = await client.query('SELECT rolname FROM pg_catalog.pg_roles ORDER BY 1');
      return rows;
    });
  const before = await roles();

  const second = {
    ...engine,
    DBClusterIdentifier: 'a-second',
    MasterUsername: 'postgres',
    MasterUserPassword: 'second-password',
    Port: aurora.port,
  };
  const oneServer = /Local Aurora has one server, and cluster orders has it/;
  await expect(rds.send(new CreateDBClusterCommand(second))).rejects.toThrow(oneServer);
  await expect(clientOf('eu-central-1').send(new CreateDBClusterCommand(second))).rejects.toThrow(oneServer);
  const { MasterUserPassword: _, ...withoutPassword } = second;
  await expect(
    rds.send(new CreateDBClusterCommand({ ...withoutPassword, ManageMasterUserPassword: true })),
  ).rejects.toThrow(oneServer);

  // Restored, it has no server; the gate must not take it for the first one, though it has its port and comes first by name.
  const DBClusterSnapshotIdentifier = 'snapshot';
  await rds.send(
    new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'orders', DBClusterSnapshotIdentifier }),
  );
  await rds.send(
    new RestoreDBClusterFromSnapshotCommand({
      ...engine,
      DBClusterIdentifier: 'a-second',
      SnapshotIdentifier: DBClusterSnapshotIdentifier,
      Port: aurora.port,
    }),
  );
  const change = {
    DBClusterIdentifier: 'a-second',
    MasterUserPassword: 'third-password',
    ApplyImmediately: true,
  };
  await expect(rds.send(new ModifyDBClusterCommand(change))).rejects.toThrow(oneServer);
  await rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'a-second', DeletionProtection: false }));
  expect(await roles()).toEqual(before);
  for (const password of ['second-password', 'third-password'])
    expect(await refusalOf(logIn(door, 'postgres', password, async () => {}))).toContain('28P01');
  await rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'a-second', SkipFinalSnapshot: true }));

  expect(aurora.masterPassword()).toBe('first-password');

  await rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'orders', SkipFinalSnapshot: true }));
  await rds.send(new CreateDBClusterCommand(second));
  expect(aurora.masterPassword()).toBe('second-password');

  await rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'a-second', SkipFinalSnapshot: true }));
  await rds.send(new CreateDBClusterCommand({ ...second, Port: 5432 }));
  expect(readFileSync(join(aurora.logs, 'aws.log'), 'utf8')).toContain(
    `The gate listens on port ${aurora.port}: nobody reaches a-second on its port 5432.`,
  );
}, 120_000);
