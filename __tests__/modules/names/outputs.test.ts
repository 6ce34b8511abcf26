import fc from 'fast-check';
import {
  connectCommand,
  isSchemasProvisioner,
  schemasProvisioner,
  sqlCommand,
} from '../../../modules/names/commands';
import { numbered, numberedParts } from '../../../modules/names/outputs';

test('the number of what is divided can be read back', () => {
  expect([0, 1, 2].map((index) => numbered('api', index))).toEqual(['api', 'api.2', 'api.3']);
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), fc.nat(500), (key, index) =>
      expect(numberedParts(numbered(key, index))).toEqual({ key, index }),
    ),
  );
});

test('command lines are as the commands take them', () => {
  expect(connectCommand('dev', 'orders_api')).toBe('npx aurora-iam connect dev orders_api');
  expect(connectCommand('dev', 'a', { role: 'arn:aws:iam::111111111111:role/a' })).toBe(
    'npx aurora-iam connect dev a --role arn:aws:iam::111111111111:role/a',
  );
  expect(sqlCommand('dev', { remove: true })).toBe('aurora-iam sql dev --remove');
});

test('only the command that makes the schemas of one environment is the provisioner of these stacks', () => {
  expect(isSchemasProvisioner(schemasProvisioner('dev-2'))).toBe(true);
  for (const other of [
    'npx aurora-iam schemas dev',
    'npx --no-install aurora-iam schemas',
    'npx --no-install aurora-iam schemas Dev',
    'npx --no-install aurora-iam schemas dev; id',
    'npx --no-install aurora-iam schemas dev\nid',
    'npx --no-install aurora-iam schemas dev\n',
    'npx --no-install aurora-iam schemas $(id)',
    ' npx --no-install aurora-iam schemas dev',
  ])
    expect(isSchemasProvisioner(other)).toBe(false);
});
