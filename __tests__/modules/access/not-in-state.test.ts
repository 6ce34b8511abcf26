import { leftBehind } from '../../../modules/access/left-behind';
import { preflight } from '../../../modules/access/preflight';
import { liveAccess, questionOf } from '../../support/live-access';

const question = questionOf();
const live = liveAccess(question.model);
const all = [...question.model.groups, ...question.model.logins].map(({ name }) => name);
const found = (inState: readonly string[] | undefined, database = live) =>
  preflight({ ...question, ...(inState ? { rolesInState: new Set(inState) } : {}) }, database)
    .filter(({ rule }) => rule === 'not-in-state')
    .map(({ where, message, wayOut }) => ({ where, message, wayOut }));

test('nothing is said where all roles are in the state, or where the state is not known', () => {
  expect(found(all)).toEqual([]);
  expect(found(undefined)).toEqual([]);
});

test('a group that is as a deploy makes it, and not in the state: recover it', () => {
  expect(found(all.filter((name) => name !== 'orders_read'))).toEqual([
    {
      where: 'group orders_read',
      message: expect.stringContaining('exists as the environment describes it, and is not in the state'),
      wayOut:
        'run npx aurora-iam recover <env>, which writes an import block for one run; if you deploy as SQL, give preflight --no-state',
    },
  ]);
});

test('a login with a password is told of by its own rule alone', () => {
  // In rds_iam no way leads to it here.
  expect(found(all.filter((name) => name !== 'analyst'))).toEqual([]);
});

test('what differs is listed, and adopting it is the way', () => {
  const changed = liveAccess(question.model, {
    orders_read: { createRole: true, inherit: false, settings: ['work_mem=64MB'] },
  });
  expect(leftBehind(question, changed, new Set(all.filter((name) => name !== 'orders_read')))).toEqual([
    {
      kind: 'group',
      name: 'orders_read',
      differences: [
        'it has CREATEROLE',
        'it has NOINHERIT, so its groups give it nothing',
        'it has work_mem = 64MB instead of no setting',
      ],
    },
  ]);
  expect(found([], changed).find(({ where }) => where === 'group orders_read')?.wayOut).toBe(
    'if it is to be managed here, write adopt: true, which keeps what it has; or choose another name',
  );
});

test('from 16 on, a role that the admin did not create is not what a deploy has made', () => {
  const foreign = liveAccess(question.model, { orders_read: { alterable: false } });
  expect(
    leftBehind(question, foreign, new Set()).find(({ name }) => name === 'orders_read')?.differences,
  ).toEqual(['it was not created by postgres']);
});

test('privileges that a group lacks come with the next deploy: they are no difference', () => {
  const bare = { ...live, databases: [{ name: 'orders', owner: 'postgres', privileges: [] }] };
  expect(leftBehind(question, { ...bare, inDatabases: new Map([['orders', EMPTY]]) }, new Set())).toEqual(
    all.map((name) => expect.objectContaining({ name, differences: [] })),
  );
});

test('a role that does not exist, or is adopted, is created or imported by the deploy itself', () => {
  const groups = question.model.groups.map((group) => ({ ...group, adopted: true }));
  const adopted = { ...question, model: { ...question.model, groups } };
  const none = { ...live, roles: live.roles.filter(({ login }) => !login) };
  expect(leftBehind(adopted, none, new Set())).toEqual([]);
});

const EMPTY = {
  objects: [],
  defaults: [],
  others: [],
  examples: new Map<string, string>(),
  adminSearchPath: '',
};
