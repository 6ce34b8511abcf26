import { z } from 'zod';
import { PRESETS } from './access';
import { DECIDED_ARGUMENTS } from './cluster';
import { TRUSTED_SERVICES } from './principals';

// The shape of an environment: types, spelling and single values. What depends on two places is in validate.ts.

/** A text that must match; `error` says what is wrong and the way out. */
const text = (pattern: RegExp, error: string) => z.string().regex(pattern, { error });

/** One name, not a pattern and not a part of another claim of the token. */
const gitName = (what: string) =>
  text(/^[^\s:*?~^[\\{}]{1,255}$/, `is not the name of one ${what}; patterns are refused, name exactly one`);

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

const existingInstance = existingCluster.extend({ kind: z.literal('instance') });

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

const loginNames = z.array(z.string()).min(1, { error: 'is empty; name a login, or remove the principal' });

const principalOptions = {
  connectsAs: loginNames,
  targets: z
    .array(z.string())
    .min(1, { error: "is empty; name a target, or leave it out for ['cluster']" })
    .optional(),
  mayLookUpCluster: z.boolean().optional(),
};
const userOptions = {
  ...principalOptions,
  connectsAs: z.union([loginNames, z.strictObject({ ownName: loginNames })]),
};

const account = text(/^\d{12}$/, 'is not an account; write its 12 digits as a text: "111111111111"');

const trust = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('service'), service: z.enum(TRUSTED_SERVICES) }),
  z.strictObject({
    kind: z.literal('eks'),
    issuer: text(
      /^oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/id\/[A-Z0-9]+$/,
      'is not the issuer of an EKS cluster; write oidc.eks.<region>.amazonaws.com/id/<ID>, without https://',
    ),
    namespace: text(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      'is not a name of a Kubernetes namespace; name exactly one',
    ),
    serviceAccount: text(
      /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
      'is not a name of a Kubernetes service account; name exactly one',
    ),
  }),
  z
    .strictObject({
      kind: z.literal('github'),
      repository: text(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, 'is not a repository; write owner/name'),
      environment: gitName('environment').optional(),
      branch: gitName('branch').optional(),
      tag: gitName('tag').optional(),
    })
    .refine(
      (github) =>
        [github.environment, github.branch, github.tag].filter((each) => each !== undefined).length === 1,
      {
        error:
          'names not exactly one of environment, branch and tag; choose one, so that nothing else of the repository gets in',
      },
    ),
  z.strictObject({
    kind: z.literal('account'),
    account,
    externalId: text(
      /^[\w+=,.@:/-]{2,1224}$/,
      'is not an external id; it has 2 to 1224 letters, digits and _ + = , . @ : / -',
    ).optional(),
  }),
]);

const principal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('role'), role: z.string(), ...principalOptions }),
  z.strictObject({ kind: z.literal('user'), user: z.string(), ...userOptions }),
  z.strictObject({ kind: z.literal('group'), group: z.string(), ...userOptions }),
  z.strictObject({
    kind: z.literal('newRole'),
    name: text(
      /^(?!AWSReservedSSO_)[\w+=,.@-]{1,64}$/,
      'is not a name for an IAM role; it has at most 64 letters, digits and _ + = , . @ -',
    ),
    trust,
    path: text(/^\/([!-.0-~]+\/)*$/, 'is not an IAM path; it begins and ends with /').optional(),
    permissionsBoundaryArn: text(
      /^arn:[a-z-]+:iam::(\d{12}|aws):policy\/\S+$/,
      'is not the ARN of a policy; write arn:aws:iam::<account>:policy/<name>',
    ).optional(),
    maxSessionDuration: z
      .int()
      .min(3600, { error: 'is less than 3600 seconds; IAM takes 3600 to 43200' })
      .max(43200, { error: 'is more than 43200 seconds; IAM takes 3600 to 43200' })
      .optional(),
    tags: z.record(z.string(), z.string()).optional(),
    ...principalOptions,
  }),
  z.strictObject({ kind: z.literal('document'), ...principalOptions }),
]);

const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('memberCluster'), identifier: clusterIdentity.identifier, region }),
  z.strictObject({
    kind: z.literal('proxy'),
    name: text(
      /^(?=.{1,63}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/,
      'is not a name of an RDS Proxy; it begins with a letter and has letters, digits and single hyphens',
    ),
  }),
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
  account,
  region,
  cluster: z.discriminatedUnion('kind', [createdCluster, existingCluster, existingInstance]),
  access: z.strictObject({ groups: z.record(z.string(), group), logins: z.record(z.string(), login) }),
  principals: z.record(
    text(
      /^[A-Za-z][A-Za-z0-9_-]{0,34}$/,
      'is not a key for a principal; it begins with a letter and has at most 35 letters, digits, _ and -',
    ),
    principal,
  ),
  targets: z
    .record(
      text(
        /^[a-z][a-z0-9-]{0,19}$/,
        'is not a key for a target; it begins with a letter and has at most 20 lower-case letters, digits and -',
      ),
      target,
    )
    .optional(),
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
