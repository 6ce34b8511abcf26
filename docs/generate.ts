import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App, Testing } from 'cdktf';
import dev from '../environments/dev';
import prod from '../environments/prod';
import { PROJECT_DIRECTORY } from '../local/project-directory';
import {
  defineAccess,
  defineEnvironment,
  documentOnly,
  type Environment,
  eksServiceAccount,
  environmentStacks,
  existingCluster,
  githubActions,
  iamGroup,
  iamRole,
  iamUser,
  newRole,
  otherAccount,
  type PoliciesStack,
  type Principal,
  readOnly,
  service,
  type Trust,
  trustDocument,
} from '../modules';
import { type ObjectType, PRESET_PRIVILEGES } from '../modules/access/model';
import { deploymentPermissions } from '../modules/connect/deploying-role/deploying-role';
import { PRESETS } from '../modules/environment/access';
import { commands } from './commands';
import { rules } from './rules';
import { troubleshooting } from './troubleshooting';

// `npm run docs`: the parts of docs/ that are made from the code. A test compares them with what is committed.

/** Path below the project -> its content. */
export function generatedDocs(): Record<string, string> {
  return {
    'docs/commands.md': commands(),
    'docs/privileges.md': privileges(),
    'docs/principals.md': principals(),
    'docs/deploying-role.md': deployingRole(),
    'docs/troubleshooting.md': troubleshooting(),
    ...rules(),
  };
}

function privileges(): string {
  const columns: readonly (readonly [title: string, type: ObjectType])[] = [
    ['database', 'database'],
    ['each schema', 'schema'],
    ['all tables and views', 'table'],
    ['all sequences', 'sequence'],
    ['all functions', 'routine'],
  ];
  const rows = PRESETS.map((preset) => {
    const cells = columns.map(([, type]) => PRESET_PRIVILEGES[preset][type].join(', ') || '–');
    return `| \`${preset}\` | ${cells.join(' | ')} |`;
  });
  return `<!-- Made by \`npm run docs\` from modules/access/model.ts. -->
# What each preset grants

| preset | ${columns.map(([title]) => title).join(' | ')} |
| --- | ${columns.map(() => '---').join(' | ')} |
${rows.join('\n')}

- \`custom({ tables: ['SELECT', 'TRUNCATE'], sequences: ['USAGE'], functions: ['EXECUTE'], schema: ['CREATE'], database: ['TEMPORARY'] })\`
  grants exactly these privileges, and CONNECT and USAGE. \`custom()\` may connect and do nothing else. \`MAINTAIN\` on tables needs
  PostgreSQL 17 and a [newer provider](environment.md#provider-versions).
- Tables, views, sequences and functions are those that exist at the time of the deployment. Default privileges add those that
  the owner groups of the same schema, and the \`creators\` that you list, create later.
- \`owner\` owns what the logins that act as it (\`actsAs\`) create, so it needs no grant on that. Objects of other owners stay
  theirs until they are handed over: \`ALTER TABLE … OWNER TO …\`. Schemas of an \`owner\` group are created if they are missing.
- \`lockDown\` (on for clusters that the environment creates, off for existing ones) revokes from \`PUBLIC\`: \`CREATE\` on the schema
  \`public\`, and \`CONNECT\` and \`TEMPORARY\` on the databases. \`PUBLIC\` keeps \`EXECUTE\` on functions.
- Options of a login: \`connectionLimit\`, \`statementTimeout\` (milliseconds), \`searchPath\`.
`;
}

/** What the policies stack really makes of one principal of each kind. */
function principals(): string {
  const examples: Record<string, { written: string; principal: Principal }> = {
    role: { written: "iamRole('orders-api', …)", principal: iamRole('orders-api', { connectsAs }) },
    user: { written: "iamUser('jane', …)", principal: iamUser('jane', { connectsAs }) },
    group: { written: "iamGroup('people', …)", principal: iamGroup('people', { connectsAs }) },
    lambda: role("service('lambda')", service('lambda')),
    ecsTasks: role("service('ecsTasks')", service('ecsTasks')),
    ec2: role("service('ec2')", service('ec2')),
    podIdentity: role("service('podIdentity')", service('podIdentity')),
    eks: role(
      'eksServiceAccount({ issuer, namespace, serviceAccount })',
      eksServiceAccount({
        issuer: 'oidc.eks.eu-west-1.amazonaws.com/id/A1',
        namespace: 'orders',
        serviceAccount: 'api',
      }),
    ),
    github: role(
      'githubActions({ repository, environment })',
      githubActions({ repository: 'me@12345/orders@67890', environment: 'prod' }),
    ),
    account: role(
      'otherAccount({ account, externalId })',
      otherAccount({ account: '222222222222', externalId: 'a1' }),
    ),
    document: { written: 'documentOnly(…)', principal: documentOnly({ connectsAs }) },
  };
  const rows = Object.values(examples).map(({ written, principal }) => {
    const resources = resourcesFor(principal);
    const made =
      Object.keys(resources)
        .sort()
        .map((type) => `\`${type}\``)
        .join(', ') || 'nothing; the document is an output';
    return `| \`${written}\` | ${made} | ${trustedBy(principal)} |`;
  });
  return `<!-- Made by \`npm run docs\` from what the policies stack synthesizes. -->
# What each kind of principal gets

| Principal | Created in IAM | May be assumed by |
| --- | --- | --- |
${rows.join('\n')}

- Each policy is a managed policy \`<identifier>.<env>.<principal>\` that allows \`rds-db:connect\` on the ARN of each of the principal's
  logins on each of its targets. With \`mayLookUpCluster\` it also allows the look-up of the environment's own cluster. If there are
  many logins, they are divided among several policies (\`….2\`, \`….3\`) of at most 6,144 characters, in the order of the file. If you
  add new logins at the end, the other policies do not change. By default IAM attaches at most 10 policies to an identity, so a
  principal that needs more is refused.
- Existing roles, users, groups and OIDC providers must be in the environment's account.
- \`AWSReservedSSO_…\` roles belong to IAM Identity Center: use \`documentOnly\` and put the document into the permission set.
- \`connectsAs: ownName([...])\` lets each person connect as the login with the same name. For users and groups that is the name of
  the IAM user (\`\${aws:username}\`): anyone who may add a user to the group, or choose a user's name, decides who connects. For
  \`documentOnly\` it is the name by which IAM Identity Center, or another identity provider, knows the person (\`\${saml:sub}\`,
  with the condition that \`saml:sub_type\` is \`persistent\`): whoever manages people there decides. Users report that this
  works in permission sets. AWS does not document whether \`rds-db:connect\` sees the SAML keys in every kind of session, and it
  was not tried on AWS here: try it with one person before you rely on it. The name must be written exactly as the provider sends
  it, and be a name that a login can have.
- \`targets: ['cluster', …]\`: members of a global database in other regions (\`memberCluster\`) and RDS Proxies in end-to-end
  IAM mode (\`rdsProxy\`) have their own resource ids. A principal's policy names the targets that the principal lists. By default
  that is only the cluster.
- Permissions boundaries, session policies and service control policies must also let \`rds-db:connect\` through.
- Administrators of the account connect without any of this.
`;
}

const connectsAs = ['analyst'] as const;

/** What the role that runs cdktf needs, for two examples: one that creates its cluster, and one that looks it up. */
function deployingRole(): string {
  const trust = trustDocument(
    githubActions({ repository: 'example@12345/orders@67890', environment: 'prod' }),
    {
      partition: 'aws',
      account: prod.account,
      region: prod.region,
    },
  );
  const json = (value: unknown) => `\`\`\`json\n${compact(value)}\n\`\`\``;
  const documents = (environment: Environment) =>
    Object.entries(deploymentPermissions(environment))
      .map(([stack, document]) => `### \`${stack}\`\n\n${json(document)}\n`)
      .join('\n');
  return `<!-- Made by \`npm run docs\` from modules/connect/deploying-role/. -->
# What the deploying role needs

This page lists the permissions of the role that runs \`cdktf diff\`, \`cdktf deploy\` and \`cdktf destroy\` for an environment. There is one
policy document per stack, so that
different roles can deploy the cluster, the access in the database, and the policies. For your own environment:

\`\`\`sh
npx aurora-iam permissions prod                  # all documents, by stack
npx aurora-iam permissions prod prod-policies > prod-policies.json
aws iam create-policy --policy-name deploy-prod-policies --policy-document file://prod-policies.json
\`\`\`

A document that is too long for a managed policy continues in \`prod-policies.2\`, and so on. Attach all of them.

If the environment names a role to assume (\`assumeRole\`), that role needs everything except access to the state. The state is read and
written by the job's own role (\`ListStates\`, \`State\`, \`Unlock\`), or by the backend's \`assumeRoleArn\`. The job's own role also needs
\`sts:AssumeRole\` on those roles.

**Who may assume it.** In GitHub Actions, trust exactly one [environment](https://docs.github.com/actions/reference/openid-connect-reference)
of one repository: \`sub\` equals \`repo:<owner>@<owner id>/<name>@<repository id>:environment:<env>\`. Never use a pattern. The required
reviewers of that environment then also decide who uses the role. Repositories whose tokens have no ids yet need
\`repo:<owner>/<name>:environment:<env>\`. Anyone who registers those names later gets the role.
[pipelines.md](pipelines.md#githubs-subjects) shows how to find out which form applies, and how to change it.

${json(trust)}

**When it changes.** A document allows what the environment file says now. What a deploy removes (a principal, a role, a
reader) or moves is only in the previous document, so for that one deploy the role needs both. Add the
new document, deploy, and then remove the old one.

**How powerful it is.** A role that writes policies and attaches them can give the named principals anything, not only what
the policies say today. It can also give a new role anything that the role's permissions boundary allows, and choose who may assume it. The
\`permissionsBoundaryArn\` of a new role is a condition of the document: the role can be created only with that boundary, and the boundary cannot be
removed. If the deploying role is to be weaker than an administrator, existing roles and users need
a boundary of their own, or a service control policy.

## An environment that creates its cluster

${documents(dev)}
## An environment whose cluster already exists

${documents(prod)}
## What is added, and when

| The environment has | The document also allows |
| --- | --- |
| \`backend: s3Backend({ … })\` | \`s3:ListBucket\` on the bucket; \`s3:GetObject\` and \`s3:PutObject\` on the stack's own state and lock; \`s3:DeleteObject\` on the lock; with \`kmsKeyArn\`, the use of that key |
| \`tags\` | tagging what the stack creates |
| \`newRole(…)\` | creating, reading, changing and removing that role, with its path; for \`service('ec2')\` the same for its instance profile, and \`iam:PassRole\` to EC2 and no other service |
| \`iamUser(…)\`, \`iamGroup(…)\` | attaching to exactly that user or group |
| \`memberCluster(…)\`, \`rdsProxy(…)\` | the look-up in its region; for proxies on all of them, because their ARNs contain an id that is not known in advance |
| \`rdsProxy({ name, role })\` | attaching to exactly that role, if a principal may use the proxy |
| \`admin: secret('<arn>')\` | reading that secret instead of the one that RDS manages; write its complete ARN, with the six characters at the end |
| \`admin: environmentPassword()\` | no access to a secret |
| \`admin: iamAdmin('<login>')\` | \`rds-db:connect\` as that login instead of a secret; \`--resource-id cluster-…\` narrows it to the one cluster |
| \`kmsKeyArn\`, \`masterUserSecretKmsKeyId\`, \`monitoringRoleArn\` | the use of that key and grants on it; passing that role to RDS |

- Name a role, user or group that has a path by its ARN. IAM decides by the ARN, and a name does not contain the path.
- The secret that RDS manages is identified by the tag that RDS sets on it. \`rds!cluster-*\` alone would match the secrets of all clusters.
- A secret that is encrypted with a key of your own (that of an existing cluster, or \`admin: secret(…)\`) also needs \`kms:Decrypt\` on that key.
- The provider also calls \`sts:GetCallerIdentity\`, which needs no permission.
- No action here works only on \`*\`. Resources that end in \`*\` have an id or a version that is not known in advance.
- The admin's tools (\`preflight\`, \`check\`, \`revoke\`, \`schemas\`) need what the database stack needs.
- Other \`overrides\` of a cluster (\`iamRoles\`, snapshots, global clusters, the Data API, keys of Performance Insights) need more.

## What was verified, and what was not

| Statement | How it was verified, or what it covers |
| --- | --- |
| Every call of Terraform 1.11 and the AWS provider 5.100 is allowed, on its resource and under its conditions | the policies stack: deploy, change and destroy, with every kind of principal and target, tags and a state in S3, against moto (a test, which also shows that nothing else is allowed); all three stacks: deploy and plan (\`npm start\`); the cluster stack: deploy, change and destroy (the same test with \`AURORA_IAM_SLOW_TESTS=1\`, four minutes) |
| Every action, its resources and its condition keys exist | compared with IAM's published tables (a test) |
| Known only from the provider's source | \`rds:ModifyDBSubnetGroup\`, \`rds:ResetDBClusterParameterGroup\`; the look-up of an instance |
| Known only from AWS's documentation | the secret of the master (\`secretsmanager:CreateSecret\`, \`TagResource\`, \`kms:DescribeKey\`) and the tag that RDS sets on it, keys of your own, \`iam:PassRole\`, the service-linked role: moto requires none of them |
| Inferred | \`og:default:*\`, \`pg:default.*\` and \`subgrp:default\` (what a create call means if it names none), \`rds:CreateDBClusterSnapshot\` and tags for the final snapshot, \`key/*\` for the key of Secrets Manager, \`rds:DescribeGlobalClusters\` on all, and that no \`ec2:\` action is needed |

None of this was tried against a real AWS account.
`;
}

/** JSON with lists of texts on one line where they are short. */
function compact(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/\[\s+("[^[\]{}]*?")\s+\]/g, (list, items: string) => {
    const line = `[${items.replace(/\s*\n\s*/g, ' ')}]`;
    return line.length <= 100 ? line : list;
  });
}

function role(written: string, trust: Trust): { written: string; principal: Principal } {
  return {
    written: `newRole(name, { trust: ${written} })`,
    principal: newRole('orders-api', { trust, connectsAs }),
  };
}

function resourcesFor(principal: Principal): Record<string, Record<string, Record<string, unknown>>> {
  const environment = defineEnvironment({
    name: 'example',
    account: '111111111111',
    region: 'eu-west-1',
    cluster: existingCluster({ identifier: 'orders', databaseName: 'orders' }),
    access: defineAccess({ groups: { reader: readOnly() }, logins: { analyst: { memberOf: ['reader'] } } }),
    principals: {},
  });
  const app = new App({ skipValidation: true });
  const [stacks] = environmentStacks(app, [{ ...environment, principals: { it: principal } }]);
  return (
    (
      JSON.parse(Testing.synth(stacks?.policies as PoliciesStack)) as {
        resource?: ReturnType<typeof resourcesFor>;
      }
    ).resource ?? {}
  );
}

function trustedBy(principal: Principal): string {
  if (principal.kind === 'document') return 'not applicable';
  if (principal.kind !== 'newRole') return 'unchanged';
  const [statement] = trustDocument(principal.trust, {
    partition: 'aws',
    account: '111111111111',
    region: 'eu-west-1',
  }).Statement;
  const conditions = Object.entries(statement.Condition?.StringEquals ?? {}).map(
    ([key, value]) => `\`${key}\` = \`${value}\``,
  );
  return [`\`${Object.values(statement.Principal)[0]}\``, ...conditions].join(', ');
}

if (require.main === module) {
  // A page of a rule that is gone must not stay.
  rmSync(join(PROJECT_DIRECTORY, 'docs/rules'), { recursive: true, force: true });
  for (const [path, content] of Object.entries(generatedDocs())) {
    mkdirSync(dirname(join(PROJECT_DIRECTORY, path)), { recursive: true });
    writeFileSync(join(PROJECT_DIRECTORY, path), content);
  }
  // Loaded here: it brings a compiler of its own, and the tests of the pages need none.
  void import('./api').then(({ apiReports }) => apiReports(true));
}
