import { readEndpoint } from '../../../modules/names/endpoint';

test.each([
  ['shop.cluster-abc123.eu-west-1.rds.amazonaws.com', 'writer', 'eu-west-1', 'shop'],
  ['shop.cluster-ro-abc123.eu-west-1.rds.amazonaws.com', 'readers', 'eu-west-1', 'shop'],
  ['analytics.cluster-custom-abc123.eu-west-1.rds.amazonaws.com', 'custom', 'eu-west-1', 'analytics'],
  ['shop-1.abc123.us-east-2.rds.amazonaws.com', 'instance', 'us-east-2', 'shop-1'],
  ['shop.proxy-abc123.us-east-2.rds.amazonaws.com', 'proxy', 'us-east-2', 'shop'],
  ['reading.endpoint.proxy-abc123.us-east-2.rds.amazonaws.com', 'proxy', 'us-east-2', 'reading'],
  ['shop.shardgrp-abc123.us-east-2.rds.amazonaws.com', 'shardGroup', 'us-east-2', 'shop'],
  ['shop.cluster-abc.us-gov-west-1.rds.amazonaws.com', 'writer', 'us-gov-west-1', 'shop'],
  ['shop.cluster-abc.us-east-1.rds-fips.amazonaws.com', 'writer', 'us-east-1', 'shop'],
  ['shop.cluster-abc.rds.cn-north-1.amazonaws.com.cn', 'writer', 'cn-north-1', 'shop'],
  ['shop.cluster-abc.cn-northwest-1.rds.amazonaws.com.cn', 'writer', 'cn-northwest-1', 'shop'],
  ['shop.cluster-abc.eusc-de-east-1.rds.amazonaws.eu', 'writer', 'eusc-de-east-1', 'shop'],
  ['shop.cluster-abc.rds.us-iso-east-1.c2s.ic.gov', 'writer', 'us-iso-east-1', 'shop'],
  ['shop.global-abc.global.rds.amazonaws.com', 'global', undefined, 'shop'],
])('%s', (host, kind, region, name) => {
  expect(readEndpoint(host)).toEqual({ kind, host, region, name });
});

test('capitals and a dot at the end make no other host', () => {
  expect(readEndpoint('Shop.Cluster-ABC.eu-west-1.RDS.amazonaws.com.')).toMatchObject({
    kind: 'writer',
    host: 'shop.cluster-abc.eu-west-1.rds.amazonaws.com',
  });
});

test.each([
  ['localhost', 'is this machine', '--through localhost:15432'],
  ['localhost:5433', 'is this machine', '--through localhost:5433'],
  ['127.0.0.1', 'is this machine', '--through 127.0.0.1:15432'],
  ['10.0.0.5', 'is an address', '--through 10.0.0.5:15432'],
  ['::1', 'is this machine', '--through [::1]:15432'],
  ['[::1]:5433', 'is this machine', '--through [::1]:5433'],
  ['fd00::5', 'is an address', '--through [fd00::5]:15432'],
  ['arn:aws:rds:eu-west-1:111111111111:cluster:shop', 'is an ARN', 'describe-db-clusters'],
  ['cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'is a resource id', 'describe-db-clusters'],
  ['postgresql://jane@shop.cluster-abc.eu-west-1.rds.amazonaws.com/shop', 'is a URI', '--port'],
  ['shop.cluster-abc.eu-west-1.rds.amazonaws.com:5432', 'is a host and a port', '--port 5432'],
  ['shop', 'is not the name of an endpoint', 'describe-db-clusters'],
  ['', 'is not a host name', 'describe-db-clusters'],
  ['/var/run/postgresql', 'is a path', 'describe-db-clusters'],
  // The o is Cyrillic; the full stops are those of Chinese; one dot too many.
  ['sh\u043ep.cluster-abc.eu-west-1.rds.amazonaws.com', 'is not a host name', 'describe-db-clusters'],
  ['shop.cluster-abc.eu-west-1.rds\u3002amazonaws\u3002com', 'is not a host name', 'describe-db-clusters'],
  ['shop.cluster-abc.eu-west-1.rds.amazonaws.com..', 'is not a host name', 'describe-db-clusters'],
  ['evil.example,shop.cluster-abc.eu-west-1.rds.amazonaws.com', 'is not a host name', 'describe-db-clusters'],
  ['evil.example#.cluster-abc.eu-west-1.rds.amazonaws.com', 'is not a host name', 'describe-db-clusters'],
  ['host=evil.example', 'is not a host name', 'describe-db-clusters'],
  [
    'abcdefghijklmnopqrstuvwxyz.dsql.eu-west-1.on.aws',
    'is an endpoint of Aurora DSQL',
    'describe-db-clusters',
  ],
  ['ec2-1-2-3-4.eu-west-1.compute.amazonaws.com', 'is the name of an address', 'describe-db-clusters'],
  [
    'shop.cluster-abc.cn-north-1.rds.amazonaws.com',
    'contradicts itself',
    'cn-north-1 end in amazonaws.com.cn',
  ],
  ['shop.cluster-abc.us-east-1.rds.amazonaws.eu', 'contradicts itself', 'us-east-1 end in amazonaws.com'],
  ['shop .cluster-abc.eu-west-1.rds.amazonaws.com', 'is not a host name', 'describe-db-clusters'],
])('%j is no endpoint: %s', (given, message, wayOut) => {
  const found = readEndpoint(given);
  expect(found).toMatchObject({
    kind: 'none',
    message: expect.stringContaining(message),
    wayOut: expect.stringContaining(wayOut),
    mayBeAlias: false,
  });
});

test.each([
  'db.example.com',
  'eu-west-1.rds.amazonaws.com',
  'shop.cluster-abc.eu-west-1.rds.amazonaws.com.evil.example',
])('%s may be an alias, and is none of RDS itself', (given) =>
  expect(readEndpoint(given)).toMatchObject({ kind: 'none', mayBeAlias: true }),
);

test.each([
  ['localhost', true],
  ['10.0.0.5', true],
  ['db', true],
  ['db.example.com', true],
  ['db_1.internal', true],
  ['db.example.com,evil.example', false],
  ['localhost:5432', false],
  ['postgresql://localhost/shop', false],
  ['arn:aws:rds:eu-west-1:111111111111:cluster:shop', false],
  ['cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ', false],
])('%s may be dialled with a password: %s', (given, isHost) =>
  expect(readEndpoint(given)).toMatchObject({ kind: 'none', isHost }),
);
