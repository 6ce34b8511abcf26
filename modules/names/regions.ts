import { nearest } from './nearest';

/** Regions as the AWS SDK lists them (@aws-sdk/core, partitions). A test compares; a new one is only warned of until it is here. */
export const KNOWN_REGIONS: readonly string[] = [
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-central-1',
  'ca-west-1',
  'cn-north-1',
  'cn-northwest-1',
  'eu-central-1',
  'eu-central-2',
  'eu-isoe-west-1',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eusc-de-east-1',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'me-west-1',
  'mx-central-1',
  'sa-east-1',
  'sa-west-1',
  'us-east-1',
  'us-east-2',
  'us-gov-east-1',
  'us-gov-west-1',
  'us-iso-east-1',
  'us-iso-west-1',
  'us-isob-east-1',
  'us-isob-west-1',
  'us-isof-east-1',
  'us-isof-south-1',
  'us-west-1',
  'us-west-2',
];

/** Whether it has the form of a region's name, known or not. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(text);
}

/** What to say of a region that is not known, with the nearest that is; undefined for one that is known. */
export function unknownRegionNote(region: string): string | undefined {
  if (KNOWN_REGIONS.includes(region)) return undefined;
  const close = nearest(region, KNOWN_REGIONS);
  const hint = close === undefined ? '' : ` Did you mean ${close}?`;
  return `The region ${region} is not one that this version knows.${hint}`;
}

/** What the names of a region's endpoints end in, as in the partitions of the AWS SDK. */
export function dnsSuffixOf(region: string): string {
  const [, suffix = 'amazonaws.com'] = DNS_SUFFIXES.find(([prefix]) => region.startsWith(prefix)) ?? [];
  return suffix;
}

const DNS_SUFFIXES: readonly (readonly [prefix: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov'],
];
