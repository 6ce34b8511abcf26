import { followAlias } from '../../clients/dns';

const ENDPOINT = 'shop.cluster-abc.eu-west-1.rds.amazonaws.com';

const names = (known: Record<string, string>) => async (name: string) => {
  const next = known[name];
  if (next === undefined) throw new Error('queryCname ENODATA');
  return [next];
};

test('a name of somebody’s own is followed to the first name of RDS, and no further', async () => {
  const known = {
    'db.example.com': 'db-prod.example.net',
    'db-prod.example.net': ENDPOINT,
    [ENDPOINT]: 'ec2-1-2-3-4.compute.amazonaws.com',
  };
  expect(await followAlias('db.example.com', names(known))).toMatchObject({ kind: 'writer', host: ENDPOINT });
});

test.each([
  ['has no alias', {}],
  ['leads elsewhere', { 'db.example.com': 'ec2-1-2-3-4.compute.amazonaws.com' }],
  ['leads in a circle', { 'db.example.com': 'db.example.com' }],
])('a name that %s leads to no endpoint', async (_what, known) => {
  expect(await followAlias('db.example.com', names(known as Record<string, string>))).toBeUndefined();
});
