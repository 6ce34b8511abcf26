import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PROVIDERS } from '../../../planning/find-terraform';
import { describeWith } from '../../support/machine';
import { type RandomAttribute, randomChange, silenceOf } from './random-changes';

// Every attribute of every type of resource that the two providers have, this project's or not.

/** What a counterexample is found again with. */
const SEED = 20261127;
const RUNS = 2000;

interface Block {
  readonly attributes?: Readonly<
    Record<string, { readonly type?: CtyType; readonly nested_type?: NestedType }>
  >;
  readonly block_types?: Readonly<Record<string, { readonly nesting_mode: string; readonly block: Block }>>;
}
interface NestedType {
  readonly attributes: Block['attributes'];
  readonly nesting_mode: string;
}
type CtyType = string | readonly [string, CtyType | Readonly<Record<string, CtyType>>];

function valuesOf(type: CtyType): fc.Arbitrary<unknown> {
  if (type === 'string') return fc.oneof(fc.string(), fc.constantFrom('public', '*', 'a', 'b', 'true'));
  if (type === 'number') return fc.integer();
  if (type === 'bool') return fc.boolean();
  if (typeof type === 'string') return fc.jsonValue();
  const [kind, element] = type;
  if (kind === 'list') return fc.array(valuesOf(element as CtyType), { maxLength: 3 });
  if (kind === 'set')
    return fc.uniqueArray(valuesOf(element as CtyType), {
      maxLength: 3,
      selector: (each) => JSON.stringify(each),
    });
  if (kind === 'map')
    return fc.dictionary(fc.string({ minLength: 1 }), valuesOf(element as CtyType), { maxKeys: 3 });
  return fc.record(
    Object.fromEntries(Object.entries(element).map(([name, each]) => [name, valuesOf(each as CtyType)])),
  );
}

function nested(mode: string, block: Block): fc.Arbitrary<unknown> {
  const one = fc.record(attributesOf(block));
  if (mode === 'single' || mode === 'group') return one;
  if (mode === 'map') return fc.dictionary(fc.string({ minLength: 1 }), one, { maxKeys: 2 });
  return fc.uniqueArray(one, { maxLength: 2, selector: (each) => JSON.stringify(each) });
}

function attributesOf(block: Block): Record<string, fc.Arbitrary<unknown>> {
  const attributes = Object.entries(block.attributes ?? {}).map(([name, { type, nested_type: inner }]) => [
    name,
    orNull(inner ? nested(inner.nesting_mode, inner as Block) : valuesOf(type ?? 'string')),
  ]);
  const blocks = Object.entries(block.block_types ?? {}).map(
    ([name, { nesting_mode: mode, block: inner }]) => [name, nested(mode, inner)],
  );
  return Object.fromEntries([...attributes, ...blocks]);
}

function orNull(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: values }, { weight: 1, arbitrary: fc.constant(null) });
}

describeWith(
  ['terraform', 'aws-provider', 'postgresql-provider'],
  'over the schemas of both providers',
  () => {
    let types: [string, Block][];

    beforeAll(() => {
      const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-schemas-'));
      try {
        writeFileSync(
          join(folder, 'main.tf.json'),
          JSON.stringify({ terraform: { required_providers: PROVIDERS } }),
        );
        const terraform = (...given: string[]) =>
          execFileSync('terraform', given, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
        terraform('init', '-backend=false', '-input=false', '-no-color');
        const { provider_schemas: schemas } = JSON.parse(terraform('providers', 'schema', '-json')) as {
          provider_schemas: Record<string, { resource_schemas?: Record<string, { block: Block }> }>;
        };
        types = Object.values(schemas).flatMap(({ resource_schemas: resources = {} }) =>
          Object.entries(resources).map(([type, { block }]): [string, Block] => [type, block]),
        );
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }, 300_000);

    /** @returns each silence, with what was silent */
    function silences(chosen: readonly [string, Block][], runs: number): { tried: number; silent: string[] } {
      const arbitrary = fc.constantFrom(...chosen).chain(([type, block]) => {
        const attributes = Object.entries(attributesOf(block));
        return fc.constantFrom(...attributes).chain(([attribute, values]) => {
          const others = attributes.filter(([name]) => name !== attribute);
          return fc
            .constantFrom(...(others.length > 0 ? others : ([['other', fc.string()]] as typeof others)))
            .chain(([name, otherValues]) => {
              // Of a boolean there is no third value.
              const enough = fc.oneof(
                { weight: 3, arbitrary: values },
                { weight: 1, arbitrary: fc.constant(null) },
              );
              const random: RandomAttribute = {
                type,
                attribute,
                values: enough,
                other: { attribute: name, values: orNull(otherValues) },
              };
              return randomChange(random);
            });
        });
      });
      const silent: string[] = [];
      const changes = fc.sample(arbitrary, { numRuns: runs, seed: SEED });
      for (const change of changes) {
        const silence = silenceOf(change);
        if (silence !== undefined) silent.push(`${silence} ${JSON.stringify(change)}`);
      }
      return { tried: changes.length, silent };
    }

    test(`${RUNS} random changes of all types: told or refused, none in silence (seed ${SEED})`, () => {
      expect(silences(types, RUNS)).toEqual({ tried: RUNS, silent: [] });
    }, 300_000);

    test(`${RUNS} of the types that the stacks make`, () => {
      const own = types.filter(([type]) =>
        /^(postgresql_|aws_iam_(policy|role|.*_attachment)|aws_rds_)/.test(type),
      );
      expect(silences(own, RUNS)).toEqual({ tried: RUNS, silent: [] });
    }, 300_000);
  },
);
