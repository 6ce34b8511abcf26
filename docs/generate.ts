import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Testing } from 'cdktf';
import { PROJECT_DIRECTORY } from '../local/project-directory';
import {
  defineAccess,
  defineEnvironment,
  documentOnly,
  eksServiceAccount,
  environmentStacks,
  existingCluster,
  githubActions,
  iamGroup,
  iamRole,
  iamUser,
  newRole,
  type ObjectType,
  otherAccount,
  type PoliciesStack,
  PRESET_PRIVILEGES,
  type Principal,
  readOnly,
  service,
  type Trust,
  trustDocument,
} from '../modules';
import { PRESETS } from '../modules/environment/access';

// `npm run docs`: the parts of docs/ that are made from the code. A test compares them with what is committed.

/** Path below the project -> its content. */
export function generatedDocs(): Record<string, string> {
  return { 'docs/privileges.md': privileges(), 'docs/principals.md': principals() };
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
  return `<!-- Made by \`npm run docs\` from modules/database/access-model.ts. -->
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
      githubActions({ repository: 'me/orders', environment: 'prod' }),
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

if (require.main === module)
  for (const [path, content] of Object.entries(generatedDocs()))
    writeFileSync(join(PROJECT_DIRECTORY, path), content);
