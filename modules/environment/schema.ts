import { z } from 'zod';
import { PRESETS } from './access';
import { DECIDED_ARGUMENTS } from './cluster';

// The shape of an environment: types, spelling and single values. What depends on two places is in validate.ts.

/** A text that must match; `error` says what is wrong and the way out. */
const text = (pattern: RegExp, error: string) => z.string().regex(pattern, { error });

const region = text(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'is not a region; write one such as eu-west-1');
const readers = z
  .int()
  .min(0, { error: 'is negative; write the number of instances besides the writer' })
  .max(15, { error: 'is more than the 15 readers that Aurora allows' })
  .optional();

const overrides = (resource: keyof typeof DECIDED_ARGUMENTS) =>
  z
    .record(z.string(), z.unknown())
    .superRefine((value, context) => {
      for (const key of Object.keys(value))
        if ((DECIDED_ARGUMENTS[resource] as readonly string[]).includes(key))
          context.addIssue({
            code: 'custom',
            path: [key],
            message:
              'is decided by the module and cannot be overridden; use the field of createCluster for it',
          });
    })
    .optional();

const clusterIdentity = {
  identifier: text(
    /^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'is not a cluster identifier; it begins with a letter and has at most 63 lower-case letters, digits and single hyphens',
  ),
  masterUsername: text(
    /^(?!admin$)[A-Za-z][A-Za-z0-9_]{0,62}$/,
    'is not a name that RDS takes for a master; it begins with a letter and has letters, digits and _ (not "admin")',
  ).optional(),
};

const existingCluster = z.strictObject({
  kind: z.literal('existing'),
  ...clusterIdentity,
  databaseName: z.string(),
});

const createdCluster = z
  .strictObject({
    kind: z.literal('created'),
    ...clusterIdentity,
    databaseName: text(
      /^[A-Za-z][A-Za-z0-9_]{0,62}$/,
      'is not a name that RDS creates a database with; it begins with a letter and has letters, digits and _',
    ),
    engineVersion: text(/^\d{2}\.\d+$/, 'is not a version of Aurora PostgreSQL; write one such as 17.5'),
    instances: z.discriminatedUnion('kind', [
      z
        .strictObject({
          kind: z.literal('serverlessV2'),
          minimumCapacity: z.number().multipleOf(0.5).min(0).max(256),
          maximumCapacity: z.number().multipleOf(0.5).min(1).max(256),
          readers,
        })
        .refine((instances) => instances.minimumCapacity <= instances.maximumCapacity, {
          path: ['minimumCapacity'],
          error: 'is more than maximumCapacity; swap or raise them',
        }),
      z.strictObject({
        kind: z.literal('provisioned'),
        instanceClass: text(/^db\.[a-z0-9.-]+$/, 'is not an instance class; write one such as db.r7g.large'),
        readers,
      }),
    ]),
    subnetIds: z
      .array(z.string())
      .min(2, { error: 'has less than 2 subnets; Aurora wants them in two availability zones' })
      .optional(),
    subnetGroupName: z.string().optional(),
    securityGroupIds: z.array(z.string()).optional(),
    port: z
      .int()
      .min(1150, { error: 'is below 1150, the lowest port that Aurora takes' })
      .max(65535)
      .optional(),
    kmsKeyArn: text(/^arn:[a-z-]+:kms:/, 'is not the ARN of a KMS key; write arn:aws:kms:…').optional(),
    deletionProtection: z.boolean().optional(),
    finalSnapshot: z.boolean().optional(),
    parameters: z
      .record(
        z.string(),
        z.strictObject({
          value: z.string(),
          applyMethod: z.enum(['immediate', 'pending-reboot']).optional(),
        }),
      )
      .optional(),
    overrides: z
      .strictObject({
        cluster: overrides('cluster'),
        instance: overrides('instance'),
        parameterGroup: overrides('parameterGroup'),
        subnetGroup: overrides('subnetGroup'),
      })
      .optional(),
  })
  .refine((cluster) => !(cluster.subnetIds && cluster.subnetGroupName), {
    path: ['subnetGroupName'],
    error: 'stands beside subnetIds; give one of the two',
  });

const group = z.strictObject({
  preset: z.enum(PRESETS),
  database: z.string().optional(),
  schemas: z
    .array(z.string())
    .min(1, { error: "is empty; name a schema, or leave it out for ['public']" })
    .optional(),
  creators: z.array(z.string()).optional(),
});

const login = z.strictObject({
  memberOf: z.array(z.union([z.string(), z.strictObject({ predefined: z.string() })])).optional(),
  actsAs: z.string().optional(),
  caseSensitive: z.boolean().optional(),
});

const connectsAs = z.array(z.string()).min(1, { error: 'is empty; name a login, or remove the principal' });

const principal = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('role'),
    role: z.string(),
    connectsAs,
    mayLookUpCluster: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('document'), connectsAs, mayLookUpCluster: z.boolean().optional() }),
]);

const secretArn = text(
  /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$/,
  'is not the ARN of a secret; write arn:aws:secretsmanager:<region>:<account>:secret:<name>',
);

export const environmentSchema = z.strictObject({
  name: text(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'is not a name for an environment; it begins with a letter and has lower-case letters, digits and single hyphens',
  ).max(24, { error: 'is longer than 24 characters; names of policies are made from it' }),
  account: text(/^\d{12}$/, 'is not an account; write its 12 digits as a text: "111111111111"'),
  region,
  cluster: z.discriminatedUnion('kind', [createdCluster, existingCluster]),
  access: z.strictObject({ groups: z.record(z.string(), group), logins: z.record(z.string(), login) }),
  principals: z.record(
    text(
      /^[A-Za-z][A-Za-z0-9_-]{0,37}$/,
      'is not a key for a principal; it begins with a letter and has at most 38 letters, digits, _ and -',
    ),
    principal,
  ),
  admin: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('rdsManagedSecret') }),
      z.strictObject({ kind: z.literal('secret'), secretArn, username: z.string().optional() }),
      z.strictObject({ kind: z.literal('environmentPassword'), username: z.string().optional() }),
    ])
    .optional(),
  through: z
    .strictObject({
      host: z.string().min(1),
      port: z.int().min(1).max(65535),
      sslmode: z.enum(['verify-ca', 'verify-full']).optional(),
      certificateAuthorityFile: z.string().optional(),
    })
    .optional(),
  backend: z
    .strictObject({
      kind: z.literal('s3'),
      bucket: z.string().min(3),
      region: region.optional(),
      keyPrefix: z.string().min(1).optional(),
      kmsKeyArn: z.string().optional(),
    })
    .optional(),
  providerVersions: z
    .strictObject({ aws: z.string().optional(), postgresql: z.string().optional() })
    .optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
