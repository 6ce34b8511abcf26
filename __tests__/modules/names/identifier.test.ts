import { existingCluster, memberCluster, rdsProxy } from '../../../modules';
import { notAnIdentifier } from '../../../modules/names/identifier';
import { exampleEnvironment } from '../../support/example';
import { faultsOf } from '../../support/faults-of';

test.each([
  ['arn:aws:rds:eu-west-1:111111111111:cluster:shop', 'the ARN of cluster shop', 'shop'],
  ['arn:aws-cn:rds:cn-north-1:111111111111:db:shop-1', 'the ARN of instance shop-1', 'shop-1'],
  ['arn:aws:rds:eu-west-1:111111111111:db-proxy:prx-0123456789abcdef0', 'an ARN (db-proxy)', undefined],
  ['shop.cluster-abc.eu-west-1.rds.amazonaws.com', 'an endpoint of shop', 'shop'],
  ['shop.cluster-ro-abc.eu-west-1.rds.amazonaws.com', 'an endpoint of shop', 'shop'],
  ['shop.cluster-abc.eu-west-1.rds.amazonaws.com:5432', 'an address with an endpoint in it of shop', 'shop'],
  [
    'postgresql://jane@shop.cluster-abc.eu-west-1.rds.amazonaws.com/x',
    'an address with an endpoint in it of shop',
    'shop',
  ],
  ['cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'a resource id, as policies name it', undefined],
  ['prx-0123456789abcdef0', 'a resource id, as policies name it', undefined],
  ['localhost:5432', 'an address', undefined],
])('%s is %s', (given, what, identifier) => {
  expect(notAnIdentifier(given)).toEqual({ what, identifier });
});

test.each(['Shop', 'my shop', '-shop', 'shop_1', ''])('%j is nothing that is known', (given) => {
  expect(notAnIdentifier(given)).toBeUndefined();
});

test('an environment that names an ARN or an endpoint is told what it gave, and the identifier in it', () => {
  const wrong = exampleEnvironment({
    cluster: existingCluster({
      identifier: 'arn:aws:rds:eu-west-1:111111111111:cluster:shop',
      databaseName: 'shop',
    }),
    targets: {
      far: memberCluster({
        identifier: 'far.cluster-abc.eu-central-1.rds.amazonaws.com',
        region: 'eu-central-1',
      }),
      near: memberCluster({ identifier: 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ', region: 'eu-central-1' }),
      pooled: rdsProxy({ name: 'pooled.proxy-abc.eu-west-1.rds.amazonaws.com' }),
    },
  });
  expect(faultsOf(wrong)).toEqual([
    'cluster.identifier: is the ARN of cluster shop; write its identifier: shop',
    'targets.far.identifier: is an endpoint of far; write its identifier: far',
    'targets.near.identifier: is a resource id, as policies name it; write the identifier (DBClusterIdentifier or DBInstanceIdentifier)',
    'targets.pooled.name: is an endpoint of pooled; write its identifier: pooled',
  ]);
});
