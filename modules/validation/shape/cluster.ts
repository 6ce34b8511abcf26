import * as v from 'valibot';
import { DECIDED_ARGUMENTS } from '../../environment/cluster';
import { identifier, kmsKeyArn, object, oneOf, text, whole } from './values';

const readers = v.optional(
  whole(
    0,
    15,
    'is not a number of readers that Aurora allows; write 0 to 15 readers (the writer is not one)',
  ),
);
const capacity = v.pipe(
  v.number(),
  v.multipleOf(0.5, 'is not a multiple of 0.5; write Aurora capacity units in steps of 0.5'),
  v.minValue(0, 'is negative; write 0 to 256 Aurora capacity units'),
  v.maxValue(256, 'is more than Aurora has; write at most 256 Aurora capacity units'),
);

const overrides = (resource: keyof typeof DECIDED_ARGUMENTS) => {
  const decided: readonly string[] = DECIDED_ARGUMENTS[resource];
  const refused = v.never(
    'is decided by the environment and cannot be overridden; use the field of createCluster for it',
  );
  return v.optional(
    v.objectWithRest(Object.fromEntries(decided.map((key) => [key, v.optional(refused)])), v.unknown()),
  );
};

export const clusterIdentifier = identifier(
  /^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  'DBClusterIdentifier or DBInstanceIdentifier',
  'is not a cluster identifier; begin with a letter, and write at most 63 lower-case letters, digits and single hyphens',
);

const clusterIdentity = {
  identifier: clusterIdentifier,
  masterUsername: v.optional(
    text(
      /^(?!admin$)[A-Za-z][A-Za-z0-9_]{0,62}$/,
      'is not a name that RDS accepts for a master; begin with a letter, and write letters, digits and _ (not "admin")',
    ),
  ),
};

const looksUpMaster = { masterUserAuthenticationType: v.optional(oneOf(['password', 'iam-db-auth'])) };

const existingCluster = object({
  kind: v.literal('existing'),
  ...clusterIdentity,
  ...looksUpMaster,
  databaseName: v.string(),
});
const existingInstance = object({
  kind: v.literal('instance'),
  ...clusterIdentity,
  ...looksUpMaster,
  databaseName: v.string(),
});

const instances = v.variant('kind', [
  v.pipe(
    object({
      kind: v.literal('serverlessV2'),
      minimumCapacity: capacity,
      maximumCapacity: capacity,
      readers,
    }),
    v.forward(
      v.partialCheck(
        [['minimumCapacity'], ['maximumCapacity']],
        ({ minimumCapacity, maximumCapacity }) => minimumCapacity <= maximumCapacity,
        'is more than maximumCapacity; lower it, or raise maximumCapacity',
      ),
      ['minimumCapacity'],
    ),
  ),
  object({
    kind: v.literal('provisioned'),
    instanceClass: text(/^db\.[a-z0-9.-]+$/, 'is not an instance class; write one such as db.r7g.large'),
    readers,
  }),
]);

const createdCluster = v.pipe(
  object({
    kind: v.literal('created'),
    ...clusterIdentity,
    masterUserAuthenticationType: v.optional(
      v.never(
        'is not for a cluster that Terraform creates: its AWS provider cannot say how the master logs in. Create the cluster with the AWS CLI and name it with existingCluster(…) (docs/express.md)',
      ),
    ),
    databaseName: text(
      /^[A-Za-z][A-Za-z0-9_]{0,62}$/,
      'is not a name with which RDS creates a database; begin with a letter, and write letters, digits and _',
    ),
    engineVersion: text(
      /^\d{2}\.\d+$/,
      'is not a version of Aurora PostgreSQL; write major and minor, such as 17.5',
    ),
    instances,
    subnetIds: v.optional(
      v.pipe(
        v.array(text(/^subnet-[0-9a-z]+$/, 'is not the id of a subnet; write subnet-…')),
        v.minLength(
          2,
          'has fewer than 2 subnets, and Aurora needs them in at least two availability zones; add another',
        ),
      ),
    ),
    subnetGroupName: v.optional(
      text(
        /^[A-Za-z0-9._ -]{1,255}$/,
        'is not the name of a subnet group; write letters, digits, spaces and . _ -',
      ),
    ),
    securityGroupIds: v.optional(
      v.array(text(/^sg-[0-9a-z]+$/, 'is not the id of a security group; write sg-…')),
    ),
    port: v.optional(whole(1150, 65535, 'is not a port that Aurora accepts; write 1150 to 65535')),
    kmsKeyArn: v.optional(kmsKeyArn),
    deletionProtection: v.optional(v.boolean()),
    finalSnapshot: v.optional(v.boolean()),
    parameters: v.optional(
      v.record(
        text(
          /^[A-Za-z_][\w.]*$/,
          'is not the name of a parameter; write one such as log_statement or pgaudit.log',
        ),
        object({ value: v.string(), applyMethod: v.optional(oneOf(['immediate', 'pending-reboot'])) }),
      ),
    ),
    overrides: v.optional(
      object({
        cluster: overrides('cluster'),
        instance: overrides('instance'),
        parameterGroup: overrides('parameterGroup'),
        subnetGroup: overrides('subnetGroup'),
      }),
    ),
  }),
  v.forward(
    v.partialCheck(
      [['subnetIds'], ['subnetGroupName']],
      ({ subnetIds, subnetGroupName }) => !(subnetIds && subnetGroupName),
      'cannot be combined with subnetIds, for which a subnet group is created; remove one of the two',
    ),
    ['subnetGroupName'],
  ),
);

export const cluster = v.variant('kind', [createdCluster, existingCluster, existingInstance]);
