import { checkAccess } from '../../../modules/access/check';
import { liveAccess, questionOf } from '../../support/live-access';

test('after a deploy, check finds nothing in roles and memberships', () => {
  const question = questionOf();
  expect(checkAccess(question, liveAccess(question.model))).toEqual([]);
});

test('a login that may create databases is found, with the statement that mends it', () => {
  const question = questionOf();
  expect(checkAccess(question, liveAccess(question.model, { analyst: { createDatabase: true } }))).toEqual([
    {
      rule: 'attributes',
      severity: 'fault',
      where: 'login analyst',
      message: 'has CREATEDB',
      wayOut: 'ALTER ROLE "analyst" NOCREATEDB;',
    },
  ]);
});
