import { evaluate } from '../../../../modules/iam/evaluator/evaluate';
import { actionsAndResources } from './manual/actions-and-resources';
import type { Answer, Case } from './manual/case';
import { conditions } from './manual/conditions';
import { documents } from './manual/documents';
import { policySets } from './manual/layers';

const TABLES = { documents, actionsAndResources, conditions, policySets };
const cases: readonly Case[] = Object.values(TABLES).flat();

function decide({ policies, resource, context }: Case) {
  return evaluate({ action: 'rds-db:connect', resource, context }, policies);
}

describe.each(Object.entries(TABLES))('%s', (_table, table) => {
  test.each(table.map((each): [Answer, string, Case] => [each.answer, each.what, each]))(
    'the manual says %s: %s',
    (answer, _what, each) => {
      const { allowed, cannotJudge = false, reason } = decide(each);
      const here = allowed ? 'allow' : cannotJudge ? 'cannot judge' : 'deny';
      const right: Record<Answer, readonly string[]> = {
        allow: ['allow'],
        // Never allowed; where the manual leaves it at a refusal, a refusal for want of knowledge is one.
        deny: ['deny', 'cannot judge'],
        invalid: ['cannot judge', 'deny'],
        open: ['cannot judge'],
      };
      expect({ here, reason: right[answer].includes(here) ? '' : reason }).toEqual({
        here: right[answer].includes(here) ? here : right[answer][0],
        reason: '',
      });
    },
  );
});

test('what must be reached: 250 policies of its own, 0 allowed against the manual', () => {
  const distinct = new Set(cases.map(({ policies }) => JSON.stringify(policies)));
  const allowedAgainst = cases.filter((each) => decide(each).allowed && each.answer !== 'allow');
  const [wanted, given] = ['allow', 'open'].map((answer) => cases.filter((each) => each.answer === answer));
  const lost = wanted?.filter((each) => !decide(each).allowed);
  process.stdout.write(
    `${cases.length} cases of ${distinct.size} policies: ${wanted?.length} allowed as the manual says, ` +
      `${given?.length} not judged, ${allowedAgainst.length} allowed against it\n`,
  );
  expect(distinct.size).toBeGreaterThanOrEqual(250);
  expect(allowedAgainst.map(({ what }) => what)).toEqual([]);
  expect(lost?.map(({ what }) => what)).toEqual([]);
});

test('a Deny that surely applies is the reason, and is no guess', () => {
  const sure = cases.filter(({ answer, what }) => answer === 'deny' && /revoked|short ARN/.test(what));
  expect(sure.length).toBeGreaterThan(5);
  for (const each of sure) expect(decide(each)).not.toHaveProperty('cannotJudge');
});
