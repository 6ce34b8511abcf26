import { Token } from 'cdktf';
import * as v from 'valibot';
import { GRANTABLE, PRESETS } from '../environment/access';
import { DECIDED_ARGUMENTS } from '../environment/cluster';
import { TRUSTED_SERVICES } from '../environment/principals';

// The shape of an environment: types, spelling and single values. What depends on two places is in validate.ts.

/** An object with these keys and no others; each other key is a fault of its own. */
const object = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.objectWithRest(entries, v.never('is not a setting here; remove it, or look for a spelling mistake'));

/** A text that must match; `error` says what is wrong and the way out. */
const text = (pattern: RegExp, error: string) => v.pipe(v.string(), v.regex(pattern, error));

const oneOf = <const Options extends readonly string[]>(options: Options) =>
  v.picklist(options, `is not one of ${options.join(', ')}; write one of them`);

/** A whole number between two others; `error` says what is wrong and the way out. */
const whole = (minimum: number, maximum: number, error: string) =>
  v.pipe(v.number(), v.integer(error), v.minValue(minimum, error), v.maxValue(maximum, error));

/** At least one; `error` says what is wrong and the way out. */
const some = <const Item extends v.GenericSchema>(item: Item, error: string) =>
  v.pipe(v.array(item), v.minLength(1, error));

/** One name, not a pattern and not a part of another claim of the token. */
const gitName = (what: string) =>
  text(/^[^\s:*?~^[\\{}]{1,255}$/, `is not the name of one ${what}; patterns are refused, name exactly one`);

const region = text(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'is not a region; write one such as eu-west-1');
const account = text(/^\d{12}$/, 'is not an account; write its 12 digits as a text: "111111111111"');
const tags = v.record(v.string(), v.string());
const externalId = text(
  /^[\w+=,.@:/-]{2,1224}$/,
  'is not an external id; it has 2 to 1224 letters, digits and _ + = , . @ : / -',
);
const roleArn = text(
  /^arn:[a-z-]+:iam::\d{12}:role\/(?:[!-.0-~]+\/)*[\w+=,.@-]{1,64}$/,
  'is not the ARN of a role; write arn:aws:iam::<account>:role/<name>',
);

const readers = v.optional(
  whole(0, 15, 'is not a number of readers; Aurora allows 0 to 15 readers besides the writer'),
);
const capacity = v.pipe(
  v.number(),
  v.multipleOf(0.5, 'is not a multiple of 0.5; Aurora capacity units come in halves'),
  v.minValue(0, 'is negative; write Aurora capacity units'),
  v.maxValue(256, 'is more than the 256 Aurora capacity units there are'),
);

const overrides = (resource: keyof typeof DECIDED_ARGUMENTS) => {
  const decided: readonly string[] = DECIDED_ARGUMENTS[resource];
  const refused = v.never(
    'is decided by the module and cannot be overridden; use the field of createCluster for it',
  );
  return v.optional(
    v.objectWithRest(Object.fromEntries(decided.map((key) => [key, v.optional(refused)])), v.unknown()),
  );
};

const clusterIdentity = {
  identifier: text(
    /^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'is not a cluster identifier; it begins with a letter and has at most 63 lower-case letters, digits and single hyphens',
  ),
  masterUsername: v.optional(
    text(
      /^(?!admin$)[A-Za-z][A-Za-z0-9_]{0,62}$/,
      'is not a name that RDS takes for a master; it begins with a letter and has letters, digits and _ (not "admin")',
    ),
  ),
};

const existingCluster = object({ kind: v.literal('existing'), ...clusterIdentity, databaseName: v.string() });
const existingInstance = object({
  kind: v.literal('instance'),
  ...clusterIdentity,
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
        'is more than maximumCapacity; swap or raise them',
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
    databaseName: text(
      /^[A-Za-z][A-Za-z0-9_]{0,62}$/,
      'is not a name that RDS creates a database with; it begins with a letter and has letters, digits and _',
    ),
    engineVersion: text(/^\d{2}\.\d+$/, 'is not a version of Aurora PostgreSQL; write one such as 17.5'),
    instances,
    subnetIds: v.optional(
      v.pipe(
        v.array(v.string()),
        v.minLength(2, 'has less than 2 subnets; Aurora wants them in two availability zones'),
      ),
    ),
    subnetGroupName: v.optional(v.string()),
    securityGroupIds: v.optional(v.array(v.string())),
    port: v.optional(whole(1150, 65535, 'is not a port that Aurora takes; they begin at 1150')),
    kmsKeyArn: v.optional(text(/^arn:[a-z-]+:kms:/, 'is not the ARN of a KMS key; write arn:aws:kms:…')),
    deletionProtection: v.optional(v.boolean()),
    finalSnapshot: v.optional(v.boolean()),
    parameters: v.optional(
      v.record(
        v.string(),
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
      'stands beside subnetIds; give one of the two',
    ),
    ['subnetGroupName'],
  ),
);

const schemas = some(v.string(), "is empty; name a schema, or leave it out for ['public']");
const customPrivileges = object({
  tables: v.optional(v.array(oneOf(GRANTABLE.tables))),
  sequences: v.optional(v.array(oneOf(GRANTABLE.sequences))),
  functions: v.optional(v.array(oneOf(GRANTABLE.functions))),
  schema: v.optional(v.array(oneOf(GRANTABLE.schema))),
  database: v.optional(v.array(oneOf(GRANTABLE.database))),
});

const group = object({
  preset: oneOf([...PRESETS, 'custom']),
  privileges: v.optional(customPrivileges),
  database: v.optional(v.string()),
  schemas: v.optional(schemas),
  databases: v.optional(v.record(v.string(), schemas)),
  creators: v.optional(v.array(v.string())),
  adopt: v.optional(
    v.lazy(
      (given): v.GenericSchema =>
        typeof given === 'object' ? object({ revokes: v.array(v.string()) }) : v.boolean(),
    ),
  ),
});

const login = object({
  memberOf: v.optional(
    v.array(v.lazy((given) => (typeof given === 'object' ? object({ predefined: v.string() }) : v.string()))),
  ),
  actsAs: v.optional(v.string()),
  caseSensitive: v.optional(v.boolean()),
  connectionLimit: v.optional(
    whole(1, 262142, 'is not a number of connections; write 1 or more, or leave it out for no limit'),
  ),
  statementTimeout: v.optional(
    whole(
      1,
      2147483647,
      "is not a number of milliseconds; write 1 or more, or leave it out for the server's",
    ),
  ),
  searchPath: v.optional(some(v.string(), "is empty; name a schema, or leave it out for the server's")),
  adopt: v.optional(v.boolean()),
  cutover: v.optional(v.boolean()),
});

const loginNames = some(v.string(), 'is empty; name a login, or remove the principal');

const principalOptions = {
  connectsAs: loginNames,
  targets: v.optional(some(v.string(), "is empty; name a target, or leave it out for ['cluster']")),
  mayLookUpCluster: v.optional(v.boolean()),
};
const userOptions = {
  ...principalOptions,
  connectsAs: v.lazy(
    (given): v.GenericSchema => (Array.isArray(given) ? loginNames : object({ ownName: loginNames })),
  ),
};

const trust = v.variant('kind', [
  object({ kind: v.literal('service'), service: oneOf(TRUSTED_SERVICES) }),
  object({
    kind: v.literal('eks'),
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
  v.pipe(
    object({
      kind: v.literal('github'),
      repository: text(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, 'is not a repository; write owner/name'),
      environment: v.optional(gitName('environment')),
      branch: v.optional(gitName('branch')),
      tag: v.optional(gitName('tag')),
    }),
    v.check(
      ({ environment, branch, tag }) =>
        [environment, branch, tag].filter((each) => each !== undefined).length === 1,
      'names not exactly one of environment, branch and tag; choose one, so that nothing else of the repository gets in',
    ),
  ),
  object({
    kind: v.literal('account'),
    account,
    externalId: v.optional(externalId),
  }),
]);

const principal = v.variant('kind', [
  object({ kind: v.literal('role'), role: v.string(), ...principalOptions }),
  object({ kind: v.literal('user'), user: v.string(), ...userOptions }),
  object({ kind: v.literal('group'), group: v.string(), ...userOptions }),
  object({
    kind: v.literal('newRole'),
    name: text(
      /^(?!AWSReservedSSO_)[\w+=,.@-]{1,64}$/,
      'is not a name for an IAM role; it has at most 64 letters, digits and _ + = , . @ -',
    ),
    trust,
    path: v.optional(text(/^\/([!-.0-~]+\/)*$/, 'is not an IAM path; it begins and ends with /')),
    permissionsBoundaryArn: v.optional(
      v.pipe(
        v.string(),
        v.check(
          // Of a policy beside a construct, Terraform knows the ARN later.
          (arn) => Token.isUnresolved(arn) || /^arn:[a-z-]+:iam::(\d{12}|aws):policy\/\S+$/.test(arn),
          'is not the ARN of a policy; write arn:aws:iam::<account>:policy/<name>',
        ),
      ),
    ),
    maxSessionDuration: v.optional(
      whole(3600, 43200, 'is not a duration that IAM takes; write 3600 to 43200 seconds'),
    ),
    tags: v.optional(tags),
    ...principalOptions,
  }),
  object({ kind: v.literal('document'), ...principalOptions }),
]);

const target = v.variant('kind', [
  object({ kind: v.literal('memberCluster'), identifier: clusterIdentity.identifier, region }),
  object({
    kind: v.literal('proxy'),
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

const notEmpty = v.pipe(v.string(), v.minLength(1, 'is empty; write it, or leave it out'));

export const environmentName = v.pipe(
  text(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'is not a name for an environment; it begins with a letter and has lower-case letters, digits and single hyphens',
  ),
  v.maxLength(24, 'is longer than 24 characters; names of policies are made from it'),
);

export const environmentSchema = object({
  name: environmentName,
  account,
  region,
  cluster: v.variant('kind', [createdCluster, existingCluster, existingInstance]),
  access: object({ groups: v.record(v.string(), group), logins: v.record(v.string(), login) }),
  principals: v.record(
    text(
      /^[A-Za-z][A-Za-z0-9_-]{0,34}$/,
      'is not a key for a principal; it begins with a letter and has at most 35 letters, digits, _ and -',
    ),
    principal,
  ),
  targets: v.optional(
    v.record(
      text(
        /^[a-z][a-z0-9-]{0,19}$/,
        'is not a key for a target; it begins with a letter and has at most 20 lower-case letters, digits and -',
      ),
      target,
    ),
  ),
  databases: v.optional(v.array(v.string())),
  lockDown: v.optional(v.boolean()),
  otherIamLogins: v.optional(v.array(v.string())),
  admin: v.optional(
    v.variant('kind', [
      object({ kind: v.literal('rdsManagedSecret') }),
      object({ kind: v.literal('secret'), secretArn, username: v.optional(v.string()) }),
      object({ kind: v.literal('environmentPassword'), username: v.optional(v.string()) }),
      object({ kind: v.literal('iam'), username: v.string() }),
    ]),
  ),
  assumeRole: v.optional(object({ roleArn, externalId: v.optional(externalId) })),
  through: v.optional(
    object({
      host: notEmpty,
      port: whole(1, 65535, 'is not a port; write 1 to 65535'),
      sslmode: v.optional(oneOf(['verify-ca', 'verify-full'])),
      certificateAuthorityFile: v.optional(v.string()),
    }),
  ),
  backend: v.optional(
    object({
      kind: v.literal('s3'),
      bucket: notEmpty,
      region: v.optional(region),
      keyPrefix: v.optional(notEmpty),
      kmsKeyArn: v.optional(v.string()),
      assumeRoleArn: v.optional(roleArn),
    }),
  ),
  providerVersions: v.optional(object({ aws: v.optional(v.string()), postgresql: v.optional(v.string()) })),
  tags: v.optional(tags),
});
