import * as v from 'valibot';
import { GRANTABLE, PRESETS } from '../environment/access';
import { TRUSTED_SERVICES } from '../environment/principals';
import { cluster, clusterIdentifier } from './shape/cluster';
import {
  account,
  bucket,
  eksIssuer,
  environmentName,
  externalId,
  host,
  identifier,
  keyPrefix,
  kmsKeyArn,
  object,
  oneOf,
  policyArn,
  region,
  roleArn,
  secretArn,
  some,
  tags,
  text,
  versionConstraint,
  whole,
} from './shape/values';

// The shape of an environment: types, spelling and single values. What depends on two places is in validate.ts.

/** One name, not a pattern and not a part of another claim of the token. */
const gitName = (what: string) =>
  text(
    /^[^\s:*?~^[\\{}]{1,255}$/,
    `is not the name of a single ${what} (patterns are refused, because they let others in); name exactly one`,
  );

const schemas = some(
  v.string(),
  "is empty, so the group would have no privileges; name a schema, or leave it out for ['public']",
);
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
  searchPath: v.optional(
    some(
      v.string(),
      "is empty, with which no name would be found; name a schema, or leave it out for the server's",
    ),
  ),
  adopt: v.optional(v.boolean()),
  cutover: v.optional(v.boolean()),
});

const loginNames = some(
  v.string(),
  'is empty, and a principal without a login cannot connect; name a login, or remove the principal',
);

const principalOptions = {
  connectsAs: loginNames,
  targets: v.optional(
    some(
      v.string(),
      "is empty, so the principal could connect nowhere; name a target, or leave it out for ['cluster']",
    ),
  ),
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
    issuer: eksIssuer,
    namespace: text(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      'is not the name of a Kubernetes namespace (patterns are refused); name exactly one',
    ),
    serviceAccount: text(
      /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
      'is not the name of a Kubernetes service account (patterns are refused); name exactly one',
    ),
  }),
  v.pipe(
    object({
      kind: v.literal('github'),
      repository: text(
        /^[\w-]+\/[\w.-]+$|^[\w-]+@[1-9]\d{0,18}\/[\w.-]+@[1-9]\d{0,18}$/,
        'is not a repository; write owner@<owner id>/name@<repository id>, or owner/name where its tokens carry no ids',
      ),
      environment: v.optional(gitName('environment')),
      branch: v.optional(gitName('branch')),
      tag: v.optional(gitName('tag')),
    }),
    v.check(
      ({ environment, branch, tag }) =>
        [environment, branch, tag].filter((each) => each !== undefined).length === 1,
      'must name exactly one of environment, branch and tag, so that no other workflow of the repository gets in; keep one of them',
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
      /^(?!AWSReservedSSO_|AWSServiceRoleFor)[\w+=,.@-]{1,64}$/,
      'is not a name for an IAM role; write at most 64 letters, digits and _ + = , . @ -, and do not begin with AWSReservedSSO_ or AWSServiceRoleFor',
    ),
    trust,
    path: v.optional(
      text(
        /^\/(?!aws-(?:service-role|reserved)\/)([!-.0-~]+\/)*$/,
        'is not a path for a role of yours; it begins and ends with /, and not with /aws-service-role/ or /aws-reserved/',
      ),
    ),
    permissionsBoundaryArn: v.optional(policyArn),
    maxSessionDuration: v.optional(
      whole(3600, 43200, 'is not a duration that IAM accepts; write 3600 to 43200 seconds'),
    ),
    tags: v.optional(tags),
    ...principalOptions,
  }),
  object({ kind: v.literal('document'), ...userOptions }),
]);

const target = v.variant('kind', [
  object({ kind: v.literal('memberCluster'), identifier: clusterIdentifier, region }),
  object({
    kind: v.literal('proxy'),
    name: identifier(
      /^(?=.{1,63}$)(?!prx-[0-9a-f]{17}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/,
      'DBProxyName',
      'is not the name of an RDS Proxy; it begins with a letter and has letters, digits and single hyphens',
    ),
    role: v.optional(v.string()),
  }),
]);

export const environmentSchema = object({
  name: environmentName,
  account,
  region,
  cluster,
  access: object({ groups: v.record(v.string(), group), logins: v.record(v.string(), login) }),
  principals: v.record(
    text(
      /^[A-Za-z][A-Za-z0-9_-]{0,34}$/,
      'cannot be the key of a principal; begin with a letter, and write at most 35 letters, digits, _ and -',
    ),
    principal,
  ),
  targets: v.optional(
    v.record(
      text(
        /^[a-z][a-z0-9-]{0,19}$/,
        'cannot be the key of a target; begin with a letter, and write at most 20 lower-case letters, digits and -',
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
      host,
      port: whole(1, 65535, 'is not a port; write 1 to 65535'),
      sslmode: v.optional(oneOf(['verify-ca', 'verify-full'])),
      certificateAuthorityFile: v.optional(v.string()),
    }),
  ),
  certificateAuthorityFile: v.optional(v.string()),
  backend: v.optional(
    object({
      kind: v.literal('s3'),
      bucket,
      region: v.optional(region),
      keyPrefix: v.optional(keyPrefix),
      kmsKeyArn: v.optional(kmsKeyArn),
      assumeRoleArn: v.optional(roleArn),
    }),
  ),
  providerVersions: v.optional(
    object({ aws: v.optional(versionConstraint), postgresql: v.optional(versionConstraint) }),
  ),
  tags: v.optional(tags),
});
