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

// `npm run docs`: the parts of docs/ that are made from the code. A test compares them with what is committed.

/** Path below the project -> its content. */
export function generatedDocs(): Record<string, string> {
  return {
    'docs/commands.md': commands(),
    'docs/privileges.md': privileges(),
    'docs/principals.md': principals(),
    'docs/deploying-role.md': deployingRole(),
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
  grants exactly these, and CONNECT and USAGE. \`custom()\` may connect, and no more.
- Tables, views, sequences and functions: those that exist at the deployment, and by default privileges those that the owner
  groups of the same schema, and the \`creators\` named, make later.
- \`owner\` owns what the logins that act as it (\`actsAs\`) create, so it needs no grant on that. What others own stays
  theirs until it is handed over: \`ALTER TABLE … OWNER TO …\`. Its schemas are made where they are missing.
- \`lockDown\` (on for clusters that the environment creates, off for existing ones) takes from \`PUBLIC\`: \`CREATE\` in the schema
  \`public\`, \`CONNECT\` and \`TEMPORARY\` on the databases. \`EXECUTE\` on functions it keeps.
- Per login: \`connectionLimit\`, \`statementTimeout\` (milliseconds), \`searchPath\`.
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
        .join(', ') || 'nothing: an output';
    return `| \`${written}\` | ${made} | ${trustedBy(principal)} |`;
  });
  return `<!-- Made by \`npm run docs\` from what the policies stack synthesizes. -->
# What each kind of principal gets

| principal | created in IAM | may be assumed by |
| --- | --- | --- |
${rows.join('\n')}

- Each policy is a managed policy \`<identifier>.<env>.<principal>\` with \`rds-db:connect\` on the ARN of each of its logins on
  each of its targets, and with \`mayLookUpCluster\` the one look-up action on the environment's own cluster. Many logins
  are divided over several policies (\`….2\`, \`….3\`) of at most 6,144 characters, in the order of the file: add new logins
  at the end, and the other policies stay as they are. IAM attaches 10 to an identity by default; more are refused.
- Roles, users, groups and OIDC providers that are only named must exist in the environment's account.
- \`AWSReservedSSO_…\` roles belong to IAM Identity Center: use \`documentOnly\` and put the document into the permission set.
- \`connectsAs: ownName([...])\`, for users and groups only: each IAM user as the login of its own name
  (\`\${aws:username}\`). Whoever may put a user into the group, or name a user, decides who connects.
- \`targets: ['cluster', …]\`: members of a global database in other regions (\`memberCluster\`) and RDS Proxies in end-to-end
  IAM mode (\`rdsProxy\`) have resource ids of their own. A principal's policy names the targets listed, by default the
  cluster alone.
- Permissions boundaries, session policies and service control policies must let \`rds-db:connect\` through as well.
- Administrators of the account connect without any of this.
`;
}

const connectsAs = ['analyst'] as const;

/** What the role needs that runs cdktf, for the examples: one that creates its cluster, and one that finds it. */
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

The role that runs \`cdktf diff\`, \`cdktf deploy\` and \`cdktf destroy\` of an environment, one policy document a stack: so
the cluster, the access in the database and the policies can have different roles. For your own environment:

\`\`\`sh
npx aurora-iam permissions prod                  # by stack
npx aurora-iam permissions prod prod-policies > prod-policies.json
aws iam create-policy --policy-name deploy-prod-policies --policy-document file://prod-policies.json
\`\`\`

A document that would be too long for a managed policy goes on in \`prod-policies.2\`, and so on: attach all of them.

Where the environment names a role to assume (\`assumeRole\`), that role needs all of it but the state, which is read and
written as the job itself (\`ListStates\`, \`State\`, \`Unlock\`), or as the backend's own \`assumeRoleArn\`; and the job itself needs
\`sts:AssumeRole\` on those roles.

**Who may assume it.** In GitHub Actions exactly one [environment](https://docs.github.com/actions/reference/openid-connect-reference)
of one repository: \`sub\` is \`repo:<owner>@<owner id>/<name>@<repository id>:environment:<env>\`, by equality and never by a
pattern. The required reviewers of that environment then decide over the role, too. Repositories whose tokens have no ids yet need
\`repo:<owner>/<name>:environment:<env>\`, which passes to whoever registers those names later:
[pipelines.md](pipelines.md#githubs-subjects) says how to find out, and how to change it.

${json(trust)}

**When it changes.** A document allows what the environment file says now. What a deploy takes away (a principal, a role, a
reader) and what it puts in another place stands in the document of before: for that one deploy the role needs both. Add the
new document, deploy, then remove the old one.

**How mighty it is.** Whoever writes policies and attaches them gives the principals named whatever he likes, not only what
the policies say today, and a new role whatever its trust and its permissions boundary let through. \`permissionsBoundaryArn\` of a new
role is a condition of the document (the role can be made within it only, and nothing takes it away again); existing roles and users need
a boundary of their own, or a service control policy, if the deploying role is to be weaker than an administrator.

## An environment that creates its cluster

${documents(dev)}
## An environment whose cluster is there

${documents(prod)}
## What else is added, and when

| the environment has | the document gets |
| --- | --- |
| \`backend: s3Backend({ … })\` | \`s3:ListBucket\` on the bucket; \`s3:GetObject\` and \`s3:PutObject\` on the stack's own state and lock; \`s3:DeleteObject\` on the lock; with \`kmsKeyArn\` the use of that key |
| \`tags\` | tagging of what the stack makes |
| \`newRole(…)\` | that role with its path: create, read, change, remove; for \`service('ec2')\` its instance profile, and \`iam:PassRole\` to EC2 and no other service |
| \`iamUser(…)\`, \`iamGroup(…)\` | attaching to exactly that user or group |
| \`memberCluster(…)\`, \`rdsProxy(…)\` | the look-up in its region; of proxies on all, because their ARNs have an id that nobody knows before |
| \`admin: secret('<arn>')\` | that secret, in the place of the one that RDS keeps; write its whole ARN, with the six characters at the end |
| \`admin: environmentPassword()\` | no secret |
| \`admin: iamAdmin('<login>')\` | \`rds-db:connect\` as that login, in the place of a secret; \`--resource-id cluster-…\` narrows it to the one cluster |
| \`kmsKeyArn\`, \`masterUserSecretKmsKeyId\`, \`monitoringRoleArn\` | use of and grants on that key; passing that role to RDS |

- A role, user or group with a path must be named by its ARN: IAM decides on the ARN, and a name does not tell the path.
- The secret that RDS keeps is found by the tag that RDS gives it: \`rds!cluster-*\` alone would be the secrets of all clusters.
- A secret under a key of your own (of a cluster that you found so, or \`admin: secret(…)\`) needs \`kms:Decrypt\` on that key besides.
- \`sts:GetCallerIdentity\`, which the provider calls as well, needs no permission.
- No action here takes \`*\` only. Resources that end in \`*\` have an id or a version that is not known before.
- The tools for the admin (\`preflight\`, \`check\`, \`revoke\`, \`schemas\`) need what the database stack needs.
- Other \`overrides\` of a cluster (\`iamRoles\`, snapshots, global clusters, the Data API, keys of Performance Insights) need more.

## What was verified, and what was not

| | |
| --- | --- |
| what Terraform 1.11 and the AWS provider 5.100 call is allowed, each call on its resource and under its conditions | the policies stack: deploy, change, destroy, with every kind of principal and target, tags and a state in S3, against moto (a test, which also shows that nothing else is allowed); the deployment and plan of all three stacks (\`npm start\`); the cluster stack: deploy, change, destroy (the same test with \`AURORA_IAM_SLOW_TESTS=1\`, four minutes) |
| every action, its resources and its condition keys exist | against IAM's published tables (a test) |
| only from the provider's source | \`rds:ModifyDBSubnetGroup\`, \`rds:ResetDBClusterParameterGroup\`; the look-up of an instance |
| only from AWS's documentation | the secret of the master (\`secretsmanager:CreateSecret\`, \`TagResource\`, \`kms:DescribeKey\`) and the tag of RDS on it, keys of your own, \`iam:PassRole\`, the service-linked role: moto asks for none of them |
| inferred | \`og:default:*\`, \`pg:default.*\` and \`subgrp:default\` (what a create means where it names none), \`rds:CreateDBClusterSnapshot\` and tags for the final snapshot, \`key/*\` for the key of Secrets Manager, \`rds:DescribeGlobalClusters\` on all, that no \`ec2:\` action is needed |

Nothing of this was tried against a real AWS account.
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
  if (principal.kind === 'document') return 'whoever the document is given to';
  if (principal.kind !== 'newRole') return 'as it is already';
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
