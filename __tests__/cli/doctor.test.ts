import { gather } from '../../cli/doctor/gather';

test.each([
  [
    'shop.cluster-abc.eu-west-1.rds.amazonaws.com:5432',
    'is a host and a port: give the host alone, and the port as --port 5432.',
  ],
  ['localhost:15432', 'the tunnel as --through localhost:15432.'],
])('--host %s is refused before anything is looked at', async (host, message) => {
  await expect(gather({ host, user: 'jane' } as Parameters<typeof gather>[0], undefined)).rejects.toThrow(
    message,
  );
});
