import { psqlVariables } from '../../cli/connect';
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
