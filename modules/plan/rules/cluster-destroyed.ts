import { managed, text } from '../values';
import { fault, type Rule } from './rule';

export const CLUSTER_TYPES: readonly string[] = [
  'aws_rds_cluster',
  'aws_db_instance',
  'aws_rds_global_cluster',
];

export const clusterDestroyed: Rule<'cluster-destroyed'> = (plan) =>
  managed(plan).flatMap(({ address, type, change }) =>
    !CLUSTER_TYPES.includes(type) || !change.actions.includes('delete')
      ? []
      : [
          fault(
            'cluster-destroyed',
            address,
            `would be ${change.after === null ? 'destroyed' : 'replaced'}, with its data and its resource id`,
            'find out what forces that',
            // Accepted for this cluster, not for the next one of the same address.
            [
              text(change.before, 'arn'),
              text(change.before, 'cluster_resource_id') ?? text(change.before, 'resource_id'),
            ],
          ),
        ],
  );
