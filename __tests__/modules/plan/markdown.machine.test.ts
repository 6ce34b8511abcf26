import fc from 'fast-check';
import { code } from '../../../modules/plan/markdown';
import { reviewPlan } from '../../../modules/plan/review';
import { planSummary, summaryMarkdown } from '../../../modules/plan/summary';
import type { TerraformPlan } from '../../../modules/plan/terraform-plan';
import { change, planWith } from '../../support/plan-json';

interface Node {
  readonly type: string;
  readonly literal: string | null;
}
// It has no types of its own.
const { Parser } = require('commonmark') as {
  Parser: new () => {
    parse(text: string): { walker(): { next(): { entering: boolean; node: Node } | null } };
  };
};

function nodesOf(markdown: string): Node[] {
  const nodes: Node[] = [];
  const walker = new Parser().parse(markdown).walker();
  for (let event = walker.next(); event; event = walker.next()) if (event.entering) nodes.push(event.node);
  return nodes;
}

test.each([
  ['a`b', '`` a`b ``'],
  ['``', '``` `` ```'],
  ['@everybody [x](http://e.example) <b>', '`@everybody [x](http://e.example) <b>`'],
  ['two\nlines', '`two lines`'],
  ['a|b', '`a|b`'],
  ['', '`(empty)`'],
  ['  ', '`(blank)`'],
])('a name %j cannot be anything but a name', (name, expected) => {
  expect(code(name)).toBe(expected);
});

/** In each text that somebody else writes. */
const MARK = 'zqx';

const hostile = fc
  .array(
    fc.constantFrom(
      '`',
      '``',
      '```',
      '\n',
      '\n\n',
      '\r',
      '\u2028',
      '<!--',
      '-->',
      '<img src=x>',
      '[a](http://evil.example)',
      '![x](y)',
      '@org/team',
      '#1',
      '# ',
      '- ',
      '* ',
      '> ',
      '|',
      '\\',
      '**',
      '__',
      '~~',
      '&lt;',
      'http://evil.example',
      '<details>',
      '$(x)',
      'password=`x`',
      '-----BEGIN PRIVATE KEY-----',
      'a://b:c@d',
      '\t',
      ' ',
      '',
      '1. ',
      '---',
      '\u202e',
      '\ud800',
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .chain((text) => fc.constantFrom(`${MARK}${text}`, `${text}${MARK}`, `${text}${MARK}${text}`));

function planOf([a = '', b = '', c = '', d = '', e = '']: readonly string[]): TerraformPlan {
  const statement = (who: unknown) => ({
    Effect: 'Allow',
    Principal: who,
    Action: `sts:${a}`,
    Condition: { [b]: { [c]: d } },
  });
  const grant = (privileges: string[]) => ({ role: a, object_type: b, schema: c, database: d, privileges });
  return planWith(
    [
      change(`postgresql_role.${a}`, null, { name: b, login: true, roles: [c, 'rds_iam'], search_path: [d] }),
      change(
        `postgresql_role.r${b}`,
        { name: a, roles: [b] },
        { name: a, roles: [c], [d]: e, create_role: true },
      ),
      change('postgresql_grant.g', null, grant([e, a])),
      change('postgresql_grant.h', grant([b]), { ...grant([c]), objects: [e], with_grant_option: true }),
      change('postgresql_grant.p', null, { ...grant([b]), role: 'public' }),
      change('postgresql_default_privileges.d', null, { ...grant([a]), owner: e }),
      change('postgresql_grant_role.m', null, { role: d, grant_role: e, with_admin_option: true }),
      change('aws_iam_role.r', null, {
        name: a,
        assume_role_policy: JSON.stringify({ Statement: [statement({ AWS: [b, '*'] })] }),
      }),
      change('aws_iam_role.n', null, {
        name: '',
        assume_role_policy: JSON.stringify({
          Statement: [{ ...statement(undefined), NotPrincipal: { AWS: b } }],
        }),
      }),
      change('aws_iam_policy.p', null, {
        name: c,
        policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: `s3:${a}`, Resource: `arn:${b}` }] }),
      }),
      change('aws_iam_policy.q', null, { name: c, policy: d, password: '` from `', token: e }),
      change('aws_iam_role_policy_attachment.a', null, { role: a, policy_arn: `arn:aws:iam::1:policy/${b}` }),
      change(
        'aws_rds_cluster.c',
        { [b]: c, enabled_cloudwatch_logs_exports: ['postgresql'] },
        { [b]: d, [a]: { [e]: [{ x: a }] } },
      ),
      { ...change('aws_s3_bucket.b', null, { bucket: e }), type: `aws_${a}`, address: c, provider_name: d },
      { ...change('x.y', { a: 1 }, { a: 1 }), previous_address: e },
      { ...change('x.z', { a: 1 }, { a: 1 }), change: { actions: [a as never], before: {}, after: {} } },
    ],
    {
      output_changes: { [a]: { actions: ['update'], before: b, after: { [c]: d } } },
      resource_drift: [change(e, { [a]: b }, { [a]: c })],
      configuration: {
        provider_config: {
          [a]: { name: b, full_name: c },
          aws: { full_name: d, expressions: { endpoints: [{ sts: { constant_value: e } }] } },
        },
        root_module: {
          resources: [
            {
              address: a,
              type: 'terraform_data',
              provisioners: [{ type: 'local-exec', expressions: { command: { constant_value: b } } }],
            },
            { address: `data.${c}`, mode: 'data', type: d },
          ],
          module_calls: { [e]: {} },
        },
      },
      [b]: { c },
    } as Partial<TerraformPlan>,
  );
}

test('no text of a plan is anything but code in the rendered summary', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 5, maxLength: 5 }), (texts) => {
      const plan = planOf(texts);
      const findings = reviewPlan(plan, [`foreign:${texts[2]}:${'0'.repeat(16)}`]);
      const markdown = summaryMarkdown(texts[0] ?? '', planSummary(plan), findings);
      const nodes = nodesOf(markdown);
      const unfit = nodes.filter(
        ({ type }) =>
          ![
            'document',
            'heading',
            'paragraph',
            'list',
            'item',
            'text',
            'code',
            'strong',
            'softbreak',
          ].includes(type),
      );
      expect(unfit.map(({ type, literal }) => [type, literal])).toEqual([]);
      expect(nodes.filter(({ type }) => type === 'heading')).toHaveLength(1);
      expect(nodes.filter(({ type }) => type === 'softbreak')).toEqual([]);
      expect(nodes.filter(({ type, literal }) => type === 'text' && literal?.includes(MARK))).toEqual([]);
      // Each line is one item, and none is swallowed by another.
      const lines = markdown.split('\n').filter((line) => line.startsWith('- '));
      expect(nodes.filter(({ type }) => type === 'item')).toHaveLength(lines.length);
      expect(lines.length).toBeGreaterThan(20);
    }),
    { numRuns: 200, seed: 20261127 },
  );
});

test('a privilege, and nobody, cannot hide what comes after them', () => {
  const plan = planWith([
    change('postgresql_grant.g', null, {
      role: 'a',
      object_type: 'table',
      schema: 's',
      database: 'd',
      privileges: ['SELECT`\n\n<!--'],
    }),
    change('postgresql_role.backdoor', null, { name: 'backdoor', login: true, roles: [] }),
  ]);
  const code = nodesOf(summaryMarkdown('dev', planSummary(plan), [])).filter(({ type }) => type === 'code');
  expect(code.map(({ literal }) => literal)).toEqual(expect.arrayContaining(['SELECT`  <!--', 'backdoor']));
});
