import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, psqlVariables } from '../../cli/connect';
import { tunnelAddress } from '../../clients/dns';

const target = {
  host: 'db.cluster-x.eu-west-1.rds.amazonaws.com',
  port: 5432,
  region: 'eu-west-1',
  user: 'analyst',
};
const way = { token: 'the token', certificateAuthorityFile: '/ca.pem', database: 'orders' };

describe('the variables that psql connects by', () => {
  test('lead to the endpoint, checked in full, with the token for a password', () => {
    expect(psqlVariables({}, target, way)).toEqual({
      PGHOST: target.host,
      PGPORT: '5432',
      PGUSER: 'analyst',
      PGDATABASE: 'orders',
      PGPASSWORD: 'the token',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: '/ca.pem',
      PGGSSENCMODE: 'disable',
    });
  });

  test('through a tunnel change the address and the port, and not the name that is checked', () => {
    expect(psqlVariables({}, target, { ...way, hostaddr: '127.0.0.1', port: 15432 })).toMatchObject({
      PGHOST: target.host,
      PGHOSTADDR: '127.0.0.1',
      PGPORT: '15432',
    });
  });

  test("do not follow the shell's own settings elsewhere, or to less than verify-full", () => {
    const shell = {
      PATH: '/bin',
      PGSERVICE: 'other',
      PGSERVICEFILE: '/services',
      PGHOSTADDR: '10.0.0.1',
      PGSSLMODE: 'disable',
      PGREQUIREAUTH: 'scram-sha-256',
      PGCHANNELBINDING: 'require',
      PGOPTIONS: '-c statement_timeout=5s',
    };
    const variables = psqlVariables(shell, target, way);
    for (const name of ['PGSERVICE', 'PGSERVICEFILE', 'PGHOSTADDR', 'PGREQUIREAUTH', 'PGCHANNELBINDING'])
      expect(variables).not.toHaveProperty(name);
    expect(variables).toMatchObject({
      PATH: '/bin',
      PGSSLMODE: 'verify-full',
      PGOPTIONS: '-c statement_timeout=5s',
    });
  });
});

test('a tunnel on localhost is dialled by IPv4', async () => {
  await expect(tunnelAddress({ host: 'localhost', port: 15432 })).resolves.toEqual({
    hostaddr: '127.0.0.1',
    port: 15432,
  });
});

test('a tunnel to nowhere is told by its name', async () => {
  await expect(tunnelAddress({ host: 'no.such.host.invalid', port: 1 })).rejects.toThrow(
    'no.such.host.invalid, has no address',
  );
});

describe('on Local Aurora', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-connect-'));
  const log = join(folder, 'iam-db-auth-error.log');
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** With a psql that the gate refuses. */
  async function remarksOf(
    exit: number,
    variables: NodeJS.ProcessEnv,
    reason = `echo 'the true reason' >> '${log}'`,
  ): Promise<string[]> {
    writeFileSync(log, 'somebody else\n');
    writeFileSync(join(folder, 'psql'), `#!/bin/sh\n${reason}\nexit ${exit}\n`, {
      mode: 0o755,
    });
    const keys = {
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'x',
      // Nobody listens there: who signed is not asked of AWS.
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    };
    Object.assign(process.env, keys, variables, { PATH: `${folder}:${before['PATH']}` });
    const remarks: string[] = [];
    const host = 'orders.cluster-abc.eu-west-1.rds.amazonaws.com';
    const outcome = await connect({ host, user: 'orders_api' }, [], (line) => remarks.push(line));
    expect(outcome.exit).toBe(exit);
    return remarks;
  }

  test('a refusal comes with its true reason, and the file it stands in', async () => {
    expect(await remarksOf(2, { LOCAL_AURORA_LOG: log })).toEqual([
      'Local Aurora: the true reason',
      `Local Aurora: (${log})`,
      expect.stringMatching(
        /^aurora-iam: Signed as access key AKIAIOSFODNN7EXAMPLE\. .* has no address here/,
      ),
      expect.stringMatching(/^aurora-iam: To mend it: compare the name with aws rds describe-db-clusters/),
    ]);
  });

  test('where PostgreSQL itself refuses, the gate has no reason, and none is printed', async () => {
    const remarks = await remarksOf(2, { LOCAL_AURORA_LOG: log }, ':');
    expect(remarks.filter((line) => line.startsWith('Local Aurora'))).toEqual([]);
  });

  test('nothing is added where psql was let in, and nothing of the gate elsewhere', async () => {
    expect(await remarksOf(1, { LOCAL_AURORA_LOG: log })).toEqual([]);
    const elsewhere = await remarksOf(2, { LOCAL_AURORA_LOG: undefined });
    expect(elsewhere.filter((line) => line.startsWith('Local Aurora'))).toEqual([]);
  });
});
