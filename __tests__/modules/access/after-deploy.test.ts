import { checkAccess } from '../../../modules/access/check';
import { hasFault } from '../../../modules/findings/finding';
import { liveAccess, questionOf } from '../../support/live-access';

test('after a deploy, check finds no fault in roles and memberships', () => {
  const question = questionOf();
  expect(hasFault(checkAccess(question, liveAccess(question.model)))).toBe(false);
});

test('a login that may create databases is found, with the statement that mends it', () => {
  const question = questionOf();
  expect(
    checkAccess(question, liveAccess(question.model, { analyst: { createDatabase: true } })),
  ).toContainEqual({
    rule: 'attributes',
    severity: 'fault',
    where: 'login analyst',
    message: 'has CREATEDB',
    wayOut: 'ALTER ROLE "analyst" NOCREATEDB;',
  });
});
