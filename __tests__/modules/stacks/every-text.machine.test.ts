import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import { App, LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';
import {
  ConnectPolicies,
  type ConnectPoliciesProps,
  DatabaseAccess,
  type DatabaseAccessProps,
  type Environment,
  EnvironmentError,
  validateEnvironments,
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

/** Some texts take no blank, some no quotation mark. */
const CODES = ['${file("/etc/hostname")}%{ if true }x%{ endif }$${x}', '${x}', '%{x}'];

/** Where the code is put: alone, behind what is right, before it, and into the middle of it. */
function attempts(text: string): string[] {
  const inner = [text.lastIndexOf('/'), text.lastIndexOf(':') + 1].filter((index) => index > 0);
  return CODES.flatMap((code) =>
    [0, text.length, ...inner].map((index) => text.slice(0, index) + code + text.slice(index)).concat(code),
  );
}

/** What Terraform would run. */
function codeIn(json: string): string[] {
  return json.match(/(?<!\$)\$\{(?:file\(|x)|(?<!%)%\{(?: if|x)/g) ?? [];
}

/** Whether it is refused, in the one way there is. */
function isRefused(make: () => void, what: string): boolean {
  try {
    make();
    return false;
  } catch (error) {
    if (error instanceof EnvironmentError) return true;
    throw new Error(`${what}: ${String(error)}`);
  }
}

/**
 * The same with code in every text that takes some, all at once: to synthesize for each would take minutes.
 * @returns it, and where
 */
function withCode<T>(value: T, check: (changed: T) => void): { changed: T; places: string[] } {
  let changed = value;
  const places: string[] = [];
  // Keys last, and those inside first: a changed one leads no longer to what is below it.
  // The settings themselves are the program's, and not values.
  const positions = stringPositions(value)
    .filter(({ path, isKey }) => path.length > 1 || !isKey)
    // Read by this program only.
    .filter(({ path }) => path.at(-1) !== 'certificateAuthorityFile')
    .reverse();
  for (const position of [
    ...positions.filter(({ isKey }) => !isKey),
    ...positions.filter(({ isKey }) => isKey),
  ]) {
    // The longest holds the most code.
    const text = attempts(position.text)
      .sort((one, other) => other.length - one.length)
      .find(
        (each) => !isRefused(() => check(withText(value, position, each)), `${place(position)}: ${each}`),
      );
    if (text === undefined) continue;
    changed = withText(changed, position, text);
    places.push(place(position));
  }
  check(changed);
  return { changed, places: [...new Set(places)].sort() };
}

const textOf = (stacks: Readonly<Record<string, { readonly text: string }>>) =>
  Object.values(stacks)
    .map(({ text }) => text)
    .join('\n');

/** The same path with `*` for each index. */
const place = ({ path, isKey }: Position) =>
  `${path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')}${isKey ? ' (key)' : ''}`;

describe('no text of an environment becomes Terraform code', () => {
  const check = (environment: Environment) => validateEnvironments([environment]);

  test.each(environments.map((environment) => [environment.name, environment] as const))(
    '%s: most is refused, and what is free text arrives escaped',
    (_name, environment) => {
      const { changed, places } = withCode(environment, check);
      const json = textOf(synthesize(changed).stacks);
      expect(codeIn(json)).toEqual([]);
      if (places.length > 0) expect(json).toContain('$${file(');
      expect(places).toMatchSnapshot();
    },
    60_000,
  );

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
  const inStack = (make: (stack: TerraformStack) => void) =>
    synthesizeApp((app) => make(new Own(app, 'own'))).stacks;

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
    const { changed, places } = withCode(
      props,
      (given) => new DatabaseAccess(new Own(new App(), 'own'), 'access', given),
    );
    const json = textOf(inStack((stack) => new DatabaseAccess(stack, 'access', changed)));
    expect(codeIn(json)).toEqual([]);
    expect(places).toMatchSnapshot();
  }, 60_000);

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
    const make = (stack: TerraformStack, given: typeof props) => {
      const made = new ConnectPolicies(stack, 'connect', given);
      new TerraformOutput(stack, 'documents', { value: made.policyDocuments });
    };
    const { access: _access, ...own } = props;
    const { changed, places } = withCode(own, (given) =>
      make(new Own(new App(), 'own'), { ...props, ...given }),
    );
    const json = textOf(inStack((stack) => make(stack, { ...props, ...changed })));
    expect(codeIn(json)).toEqual([]);
    expect(places).toMatchSnapshot();
  }, 60_000);
});
