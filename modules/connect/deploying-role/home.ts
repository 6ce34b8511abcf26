import type { Environment } from '../../environment/environment';
import { placeIn } from '../../names/arn';
import type { Place } from '../../names/place';

/** Partition, region and account of everything but targets in other regions. */
export function homeOf({ account, region }: Environment): Place {
  return placeIn(region, account);
}
