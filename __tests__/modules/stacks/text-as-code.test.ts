import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import { type App, LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';
import {
  ConnectPolicies,
  type ConnectPoliciesProps,
  DatabaseAccess,
  type DatabaseAccessProps,
  EnvironmentError,
} from '../../../modules';
import { rdsCertificateAuthorities } from '../../../modules/connect/certificate-authorities';
import { environmentSchema } from '../../../modules/validation/schema';
import { fullAccess, fullEnvironments } from '../../support/full-environments';
import { type Position, stringPositions, withText } from '../../support/string-positions';
import { synthesize, synthesizeApp } from '../../support/synthesized';

const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-text-'));
const authorities = join(folder, 'authorities.pem');
writeFileSync(authorities, rdsCertificateAuthorities());
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const environments = fullEnvironments(authorities);

const CODE = ['${file("/etc/hostname")}', '%{ if true }x%{ endif }', '$${x}'];

/** Where the code is put: alone, behind what is right, before it, and into the middle of it. */
function attempts(text: string): string[] {
  const inner = [text.lastIndexOf('/') + 1, text.lastIndexOf(':') + 1, Math.ceil(text.length / 2)];
  return CODE.flatMap((code) => [
    code,
    text + code,
    code + text,
    ...inner.map((index) => text.slice(0, index) + code + text.slice(index)),
  ]);
}

/** What Terraform would run, and what it would take for an escape: a `${` that arrives as one sign less than was written. */
function codeIn(json: string): string[] {
  return json.match(/(?<!\$)\$\{file\(|(?<!%)%\{ if|(?<!\$)\$\$?\{x\}/g) ?? [];
}

/** Whether it was refused; fails if the code stands in what Terraform reads. */
function isRefused(make: () => string, what: string): boolean {
  let json: string;
  try {
    json = make();
  } catch (error) {
    if (error instanceof EnvironmentError) return true;
    throw new Error(`${what}: ${String(error)}`);
  }
  expect([what, ...codeIn(json)]).toEqual([what]);
  return false;
}

const textOf = (stacks: Readonly<Record<string, { readonly text: string }>>) =>
  Object.values(stacks)
    .map(({ text }) => text)
    .join('\n');

/** The same path with `*` for each index. */
const place = ({ path, isKey }: Position) =>
  `${path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')}${isKey ? ' (key)' : ''}`;

describe('no text of an environment becomes Terraform code', () => {
  const escaped = new Set<string>();

  test.each(environments.map((environment) => [environment.name, environment] as const))(
    '%s',
    (_name, environment) => {
      for (const position of stringPositions(environment))
        for (const text of attempts(position.text)) {
          const what = `${place(position)}: ${text}`;
          const changed = withText(environment, position, text);
          if (!isRefused(() => textOf(synthesize(changed).stacks), what)) escaped.add(place(position));
        }
    },
    300_000,
  );

  test('most is refused; what is free text arrives escaped', () => {
    expect([...escaped].sort()).toMatchInlineSnapshot(`
[
  "access.groups.orders_owner.database",
  "access.groups.orders_owner.schemas.*",
  "access.groups.orders_read.creators.*",
  "access.groups.orders_read.databases.orders (key)",
  "access.groups.orders_read.databases.orders.*",
  "access.groups.orders_read.databases.reports (key)",
  "access.groups.orders_read.databases.reports.*",
  "access.logins.orders_api.searchPath.*",
  "admin.username",
  "cluster.databaseName",
  "cluster.parameters.pgaudit.log.value",
  "databases.*",
  "otherIamLogins.*",
  "principals.lambda.path",
  "principals.lambda.tags.team",
  "principals.lambda.tags.team (key)",
  "tags.team",
  "tags.team (key)",
]
`);
  });

  test('every text that the schema knows was tried', () => {
    const tried = environments
      .flatMap((environment) => stringPositions(environment))
      .map(({ path, isKey }) => ({ path, isKey }));
    const patterns = textsOf(environmentSchema as unknown as Schema, []);
    expect(patterns.length).toBeGreaterThan(80);
    const missing = patterns.filter(
      ({ path, isKey }) =>
        !tried.some(
          (other) =>
            other.path.length === path.length &&
            (!isKey || other.isKey) &&
            path.every((step, index) => step === '*' || step === String(other.path[index])),
        ),
    );
    expect(missing.map(({ path }) => path.join('.'))).toEqual([]);
  });
});

/** As far as valibot's schemas are walked. */
interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly options?: readonly (Schema | string)[];
  readonly key?: Schema;
  readonly value?: Schema;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly pipe?: readonly Schema[];
  readonly getter?: (given: unknown) => Schema;
}

/** Where a schema takes texts; `*` is any key or index. */
function textsOf(schema: Schema, path: readonly string[]): { path: readonly string[]; isKey: boolean }[] {
  const { type, entries, options, key, value, item, wrapped, getter } = schema;
  switch (type) {
    case 'string':
    case 'picklist':
      return [{ path, isKey: false }];
    case 'object_with_rest':
      return Object.entries(entries ?? {}).flatMap(([name, child]) => textsOf(child, [...path, name]));
    case 'record':
      return [
        ...textsOf(key as Schema, [...path, '*']).map((text) => ({ ...text, isKey: true })),
        ...textsOf(value as Schema, [...path, '*']),
      ];
    case 'array':
      return textsOf(item as Schema, [...path, '*']);
    case 'optional':
      return textsOf(wrapped as Schema, path);
    case 'variant':
      return (options as Schema[]).flatMap((option) => textsOf(option, path));
    case 'lazy':
      return [{}, [], ''].flatMap((given) => textsOf((getter as (given: unknown) => Schema)(given), path));
    case 'literal':
    case 'number':
    case 'boolean':
    case 'never':
    case 'unknown':
      return [];
    default:
      throw new Error(`The test knows no schema of type ${type}.`);
  }
}

class Own extends TerraformStack {
  constructor(app: App, id: string) {
    super(app, id);
    new LocalBackend(this, { path: 'terraform.tfstate' });
    new AwsProvider(this, 'aws', { region: 'eu-west-1' });
    new PostgresqlProvider(this, 'postgresql', { host: 'localhost', superuser: false });
  }
}

const clusterOf = (identifier: string) => ({
  arn: `arn:aws:rds:eu-west-1:111111111111:cluster:${identifier}`,
  clusterResourceId: 'cluster-ABC123',
});

describe('no text given to a construct becomes Terraform code', () => {
  const refused = (make: (stack: TerraformStack) => void, what: string) =>
    isRefused(() => textOf(synthesizeApp((app) => make(new Own(app, 'own'))).stacks), what);

  test('DatabaseAccess', () => {
    const props: Omit<DatabaseAccessProps, 'provider' | 'providers' | 'dependsOn'> = {
      cluster: clusterOf('orders'),
      access: fullAccess,
      databaseName: 'orders',
      masterUsername: 'master',
      databases: ['archive'],
      createSchemasCommand: 'make schemas',
      lockDown: true,
    };
    for (const position of stringPositions(props))
      for (const text of attempts(position.text))
        refused(
          (stack) => new DatabaseAccess(stack, 'access', withText(props, position, text)),
          `${place(position)}: ${text}`,
        );
  }, 300_000);

  test('ConnectPolicies', () => {
    const [full] = environments;
    const props: Omit<ConnectPoliciesProps, 'provider'> = {
      cluster: clusterOf('orders'),
      access: fullAccess,
      principals: full?.principals ?? {},
      targets: { frankfurt: clusterOf('orders-2'), pooled: clusterOf('orders-3') },
      name: 'orders',
      region: 'eu-west-1',
    };
    for (const position of stringPositions(props))
      for (const text of attempts(position.text))
        refused(
          (stack) => {
            const made = new ConnectPolicies(stack, 'connect', withText(props, position, text));
            new TerraformOutput(stack, 'documents', { value: made.policyDocuments });
          },
          `${place(position)}: ${text}`,
        );
  }, 300_000);
});
