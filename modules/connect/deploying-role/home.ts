import type { Environment } from '../../environment/environment';
import { partitionOf } from '../../names/arn';
import type { Place } from '../../names/place';

/** Partition, region and account of everything but targets in other regions. */
export function homeOf({ account, region }: Environment): Place {
  return { partition: partitionOf(region), region, account };
}
