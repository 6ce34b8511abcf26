import type { Json, JsonObject, SynthesizedStack } from './synthesized-stacks';

/** A resource or data source of a stack, as `new` makes it. */
interface Element {
  /** Resource type as in Terraform, `data.` before a data source. */
  readonly type: string;
  readonly id: string;
  readonly arguments: JsonObject;
  readonly dependsOn: readonly string[] | undefined;
  /** `aws.<alias>`, where it is not the stack's main one. */
  readonly provider: string | undefined;
}

/** Arguments whose keys are the user's own and not names of arguments. */
const MAPS = ['tags', 'tags_all'];

/**
 * A CommonJS program that emits the given stacks as somebody writes them in CDKTF by hand: no model, one `new` for
 * each resource, literal configuration, bindings imported one by one. It expects each stack's other files at
 * `<its own folder>/<stack>/<file>`, and writes to CDKTF_OUTDIR as every CDKTF program does.
 * Names follow the bindings' rules, which have exceptions: whoever runs the program compares what comes out.
 * @throws Error if a stack has something there is no rule for.
 */
export function bareProgram(stacks: readonly SynthesizedStack[]): string {
  const imports = new Map<string, string>();
  const bodies = stacks.map((stack, index) => stackCode(stack, `stack${index + 1}`, imports));
  const variables = new Map(stacks.map(({ name }, index) => [name, `stack${index + 1}`]));
  const lines = [
    "const { copyFileSync } = require('node:fs');",
    "const { join } = require('node:path');",
    "const { App, LocalBackend, S3Backend, TerraformOutput, TerraformStack } = require('cdktf');",
    ...imports.values(),
    '',
    'const app = new App();',
    ...bodies.flat(),
    ...stacks.flatMap(({ name, dependencies }) =>
      dependencies.map((other) => `${variables.get(name)}.addDependency(${variables.get(other)});`),
    ),
    'app.synth();',
    ...stacks.flatMap(({ name, files }) =>
      Object.keys(files).map((file) => {
        const target = `join(app.outdir, 'stacks', ${literal(name)}, ${literal(file)})`;
        return `copyFileSync(join(__dirname, ${literal(name)}, ${literal(file)}), ${target});`;
      }),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function stackCode(stack: SynthesizedStack, variable: string, imports: Map<string, string>): string[] {
  const { '//': comment, terraform = {}, provider = {}, data, resource, output = {}, ...others } = stack.json;
  const metadata = object(object(comment)['metadata']);
  const overridden = object(metadata['overrides'] ?? {});
  const ofStack = (overridden['stack'] ?? []) as string[];
  const unknown = Object.keys(others).filter((key) => !ofStack.includes(key));
  if (unknown.length > 0) throw new Error(`No rule for "${unknown.join('", "')}" in stack ${stack.name}.`);

  const elements = [...elementsOf(stack.name, 'data.', data), ...elementsOf(stack.name, '', resource)];
  const providers = providersOf(object(provider), variable, imports);
  const lines = [
    '',
    `const ${variable} = new TerraformStack(app, ${literal(stack.name)});`,
    ...backendCode(object(terraform), (overridden['backend'] ?? []) as string[], variable),
    ...providers.map(({ variable: name, code }) => `const ${name} = ${code}`),
    ...elementsCode(elements, variable, providers, imports),
    ...Object.entries(object(output)).map(
      ([id, settings]) => `new TerraformOutput(${variable}, ${literal(id)}, ${literal(settings)});`,
    ),
  ];
  for (const key of ofStack)
    if (key === 'terraform') {
      for (const [name, needed] of Object.entries(object(object(terraform)['required_providers']))) {
        const path = `terraform.required_providers.${name}.version`;
        lines.push(`${variable}.addOverride(${literal(path)}, ${literal(object(needed)['version'])});`);
      }
    } else lines.push(`${variable}.addOverride(${literal(key)}, ${literal(others[key])});`);
  return lines;
}

interface Provider {
  /** As resources name it: `aws`, or `aws.<alias>`. */
  readonly reference: string;
  readonly variable: string;
  readonly code: string;
}

function providersOf(blocks: JsonObject, stack: string, imports: Map<string, string>): Provider[] {
  const all = Object.entries(blocks).flatMap(([type, list]) =>
    (list as JsonObject[]).map((block) => ({ type, block })),
  );
  return all.map(({ type, block }, index) => {
    const reference = [type, block['alias'] ?? []].flat().join('.');
    // The id of a provider is not in the JSON; it only has to be its own.
    const id = reference.replace('.', '-');
    return {
      reference,
      variable: `${stack}Provider${index + 1}`,
      code: `new ${imported(type, imports)}(${stack}, ${literal(id)}, ${literal(camelCased(block))});`,
    };
  });
}

function backendCode(terraform: JsonObject, overridden: readonly string[], variable: string): string[] {
  return Object.entries(object(terraform['backend'] ?? {})).map(([type, settings]) => {
    const given = Object.entries(object(settings));
    const config = Object.fromEntries(given.filter(([key]) => !overridden.includes(key)));
    const overrides = given.filter(([key]) => overridden.includes(key));
    return [
      `new ${type === 's3' ? 'S3Backend' : 'LocalBackend'}(${variable}, ${literal(camelCased(config))})`,
      ...overrides.map(([key, value]) => `.addOverride(${literal(key)}, ${literal(value)})`),
      ';',
    ].join('');
  });
}

function elementsOf(stack: string, prefix: '' | 'data.', blocks: Json | undefined): Element[] {
  return Object.entries(object(blocks ?? {})).flatMap(([type, byAddress]) =>
    Object.entries(object(byAddress)).map(([address, block]) => {
      const { '//': comment, depends_on, provider, ...rest } = object(block);
      // A resource inside another construct cannot be written flat under the same path.
      if (object(object(comment)['metadata'])['path'] !== `${stack}/${address}`)
        throw new Error(`No rule for ${type}.${address}: it does not stand directly in stack ${stack}.`);
      return {
        type: `${prefix}${type}`,
        id: address,
        arguments: withProvisioners(rest),
        dependsOn: depends_on as string[] | undefined,
        provider: provider as string | undefined,
      };
    }),
  );
}

/** CDKTF takes the kind of a provisioner as an argument of it. */
function withProvisioners({ provisioner, ...rest }: JsonObject): JsonObject {
  if (provisioner === undefined) return rest;
  const provisioners = (provisioner as JsonObject[]).flatMap((block) =>
    Object.entries(block).map(([type, settings]) => ({ type, ...object(settings) })),
  );
  return { ...rest, provisioners };
}

/** Each element after those it depends on, which it names by their variable. */
function elementsCode(
  elements: readonly Element[],
  stack: string,
  providers: readonly Provider[],
  imports: Map<string, string>,
): string[] {
  const byAddress = new Map(elements.map((element) => [`${element.type}.${element.id}`, element]));
  const needed = new Set(elements.flatMap(({ dependsOn }) => dependsOn ?? []));
  const variables = new Map<string, string>();
  const written = new Set<string>();
  const lines: string[] = [];
  const write = (address: string) => {
    const element = byAddress.get(address);
    if (!element) throw new Error(`Something depends on ${address}, which is not in its stack.`);
    if (written.has(address)) return;
    written.add(address);
    element.dependsOn?.forEach(write);
    const settings = Object.entries(object(camelCased(element.arguments))).map(
      ([key, value]) => `${literal(key)}: ${literal(value)}`,
    );
    if (element.provider !== undefined) {
      const provider = providers.find(({ reference }) => reference === element.provider);
      if (!provider) throw new Error(`${address} is of ${element.provider}, which is not in its stack.`);
      settings.push(`provider: ${provider.variable}`);
    }
    if (element.dependsOn)
      settings.push(`dependsOn: [${element.dependsOn.map((other) => variables.get(other)).join(', ')}]`);
    const made = `new ${imported(element.type, imports)}(${stack}, ${literal(element.id)}, { ${settings.join(', ')} });`;
    if (needed.has(address)) {
      const variable = `${stack}Element${variables.size + 1}`;
      variables.set(address, variable);
      lines.push(`const ${variable} = ${made}`);
    } else lines.push(made);
  };
  for (const address of byAddress.keys()) write(address);
  return lines;
}

/**
 * The name under which the class of a resource type is imported; remembers the import.
 * `aws_rds_cluster` is RdsCluster of `@cdktf/provider-aws/lib/rds-cluster`, `data.aws_rds_cluster` is
 * DataAwsRdsCluster of `…/data-aws-rds-cluster`, and the provider itself is AwsProvider of `…/provider`.
 */
function imported(type: string, imports: Map<string, string>): string {
  if (type === 'terraform_data') {
    imports.set(type, "const { DataResource } = require('cdktf');");
    return 'DataResource';
  }
  const isData = type.startsWith('data.');
  const words = type.replace('data.', '').split('_');
  const provider = words[0] as string;
  const isProvider = words.length === 1;
  const own = isProvider ? [provider, 'provider'] : isData ? ['data', ...words] : words.slice(1);
  // The provider's name stays in it: two providers may have a resource of the same name.
  const name = pascalCase(isData || isProvider ? own : words);
  const path = `@cdktf/provider-${provider}/lib/${isProvider ? 'provider' : own.join('-')}`;
  imports.set(type, `const { ${pascalCase(own)}: ${name} } = require('${path}');`);
  return name;
}

function pascalCase(words: readonly string[]): string {
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** Arguments as the bindings take them. */
function camelCased(value: Json): Json {
  if (Array.isArray(value)) return value.map(camelCased);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      MAPS.includes(key) ? inner : camelCased(inner),
    ]),
  );
}

function literal(value: Json | undefined): string {
  return JSON.stringify(value);
}

function object(value: Json | undefined): JsonObject {
  return (value ?? {}) as JsonObject;
}
