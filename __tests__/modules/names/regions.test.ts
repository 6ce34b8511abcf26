import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KNOWN_REGIONS, unknownRegionNote } from '../../../modules/names/regions';

test('every region of the AWS SDK is known', () => {
  const entry = require.resolve('@aws-sdk/core/client');
  const folder = dirname(entry);
  const text = readFileSync(join(folder, 'index.js'), 'utf8');
  const listed = [...text.matchAll(/"([a-z]{2,4}(?:-[a-z]+)+-\d)":\s*\{/g)].map(([, region]) => region);
  expect(listed.length).toBeGreaterThan(30);
  expect([...new Set(listed)].filter((region) => !KNOWN_REGIONS.includes(region as string))).toEqual([]);
});

test.each([
  ['eu-wets-1', 'Did you mean eu-west-1?'],
  ['eu-west1-1', 'Did you mean eu-west-1?'],
  ['us-eats-2', 'Did you mean us-east-2?'],
])('%s is noted, with the nearest region', (region, hint) => {
  expect(unknownRegionNote(region)).toBe(`The region ${region} is not one that this version knows. ${hint}`);
});

test('a region that is like none is noted without a guess, and a known one is not noted', () => {
  expect(unknownRegionNote('xx-moonbase-1')).toBe(
    'The region xx-moonbase-1 is not one that this version knows.',
  );
  expect(unknownRegionNote('eusc-de-east-1')).toBeUndefined();
});
