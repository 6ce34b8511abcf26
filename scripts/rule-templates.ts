export const RULE_TOOLS = ['check', 'preflight', 'lint', 'review', 'doctor'] as const;
export type RuleTool = (typeof RULE_TOOLS)[number];

export function ruleFile(tool: RuleTool, id: string, name: string): string {
  if (tool === 'lint')
    return `import { quoted, type Rule, told } from './rule';

/** TODO: what it looks for, with a link to where AWS says so. */
export const ${name}: Rule = {
  id: '${id}',
  inStatement: ({ connects, linted }) =>
    linted
      .filter(() => connects)
      .filter((_resource) => false) // TODO: which of them
      .map(({ text }) => told(\`\${quoted(text)} TODO: what is wrong\`, 'TODO: what to do')),
};
`;
  if (tool === 'review')
    return `import { acts, managed, stays } from '../values';
import { fault, type Rule } from './rule';

/** TODO: what it looks for, and why that must not be applied unseen. */
export const ${name}: Rule<'${id}'> = (plan) =>
  managed(plan)
    .filter((resource) => acts(resource) && stays(resource))
    .filter((_resource) => false) // TODO: which of them
    .map(({ address }) => fault('${id}', address, 'TODO: what would be so', 'TODO: what to do'));
`;
  if (tool === 'doctor')
    return `import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';

/** TODO: what it looks for, with a link to where AWS or PostgreSQL says so. Name it in the causes of the messages it ends in. */
export const ${name}: Cause = {
  id: '${id}',
  step: 'cluster', // TODO: which step of the login it breaks
  suspicion: 'TODO: what to look at where nobody could tell',
  judge: ({ cluster }) => {
    if (!('value' in cluster)) return notLookedAt(cluster.notKnown);
    const isSo = false; // TODO: what of the facts shows it
    return isSo ? found('${id}', 'TODO: what it is about', 'TODO: what is so', 'TODO: what mends it') : RULED_OUT;
  },
};
`;
  return `import { type Finding, note } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** TODO: what it looks for, and why. */
export function ${name}({ model }: CheckQuestion, live: LiveAccess): Finding<'${id}'>[] {
  return live.roles
    .filter(({ name }) => model.logins.some((login) => login.name === name))
    .filter((_role) => false) // TODO: which of them
    .map(({ name }) => note('${id}', \`login \${name}\`, 'TODO: what is so', 'TODO: what to do'));
}
`;
}

/** A test that fails until the rule is written. */
export function testFile(tool: RuleTool, id: string, name: string, rules: string): string {
  const tests = '../'.repeat(rules.split('/').length);
  const root = `${tests}../`;
  if (tool === 'lint')
    return `import { lintPolicy } from '${root}modules/iam/lint';

const policy = (login: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 'rds-db:connect',
      Resource: \`arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/\${login}\`,
    },
  });

test('TODO: what is found', () => {
  expect(lintPolicy(policy('TODO'))).toEqual([expect.objectContaining({ rule: '${id}' })]);
});

test('what is right is let through', () => {
  expect(lintPolicy(policy('analyst'))).toEqual([]);
});
`;
  if (tool === 'review')
    return `import { reviewPlan } from '${root}modules/plan/review';
import { change, planWith } from '${tests}support/plan-json';

const found = (before: object | null, after: object | null) =>
  reviewPlan(planWith([change('aws_rds_cluster.cluster', before, after)]))
    .filter(({ rule }) => rule === '${id}')
    .map(({ where }) => where);

test('TODO: what is found', () => {
  expect(found({}, { TODO: true })).toEqual(['aws_rds_cluster.cluster']);
});

test('a plan that changes nothing is let through', () => {
  expect(found({}, {})).toEqual([]);
});
`;
  if (tool === 'doctor')
    return `import { ${name} } from '${root}modules/diagnosis/causes/${id}';
import { unknownFacts } from '${root}modules/diagnosis/unknown-facts';

const nothing = unknownFacts(new Date(), 'nobody has looked');

test('TODO: what is found', () => {
  expect(${name}.judge({ ...nothing /* TODO: what it looks for */ })).toEqual({
    is: 'found',
    finding: expect.objectContaining({ rule: '${id}' }),
  });
});

test('where nobody has looked, it says so', () => {
  expect(${name}.judge(nothing)).toEqual({ is: 'not looked at', why: 'nobody has looked' });
});
`;
  return `import { ${name} } from '${root}modules/access/rules/${id}';
import { liveAccess, questionOf } from '${tests}support/live-access';

const question = questionOf();

test('TODO: what is found', () => {
  const live = liveAccess(question.model, { analyst: { /* TODO: what it looks for */ } });
  expect(${name}(question, live)).toEqual([
    expect.objectContaining({ rule: '${id}', where: 'login analyst' }),
  ]);
});

test('after a deploy, nothing is found', () => {
  expect(${name}(question, liveAccess(question.model))).toEqual([]);
});
`;
}

export function catalogueEntry(tool: RuleTool, id: string): string {
  const texts = [
    'TODO: what it finds, in one line, without a full stop',
    'TODO: why it matters, in two to four plain sentences.',
    'TODO: what to do.',
  ];
  if (tool === 'lint' || tool === 'review' || tool === 'doctor')
    return `  '${id}': ${tool}(\n${texts.map((text) => `    '${text}',\n`).join('')}  ),`;
  return `  '${id}': {
    tools: ['${tool}'],
    severity: 'note',
    title: '${texts[0]}',
    why: '${texts[1]}',
    whatToDo: '${texts[2]}',
  },`;
}
