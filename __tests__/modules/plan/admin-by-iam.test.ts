import { change, planWith } from '../../support/plan-json';
import { faults } from './reviewed';

// The master `root` and the admin of the provider, and plans that would take them out of rds_iam.

const lookUps = {
  'data.aws_rds_cluster.c': {
    lifecycle: { postcondition: [{ condition: '${self.master_username == "root"}' }] },
  },
};
const grant = (role: string, of: string) => ({ role, grant_role: of });
const gone = (role: string, of: string) =>
  change(`postgresql_grant_role.${role}-${of}`, grant(role, of), null);
const kept = (role: string, of: string) =>
  change(`postgresql_grant_role.${role}-${of}`, grant(role, of), grant(role, of));
const plan = (changes: Parameters<typeof planWith>[0], provider: object) =>
  planWith(changes, {
    aurora_iam: { lookUps, providers: { postgresql: [{ superuser: false, ...provider }] } },
  });
const leaves = (...given: Parameters<typeof plan>) =>
  faults(plan(...given)).filter((rule) => /^(admin|login)-leaves-rds-iam$/.test(rule)).length;

const byToken = { username: 'root', aws_rds_iam_auth: true };
const another = { username: 'iam_admin', aws_rds_iam_auth: true };
const byReference = { username: '${data.aws_rds_cluster.c.master_username}', password: '${ephemeral.x.y.z}' };

test.each([
  ['the master that is the admin by IAM', [gone('root', 'rds_iam')], byToken, 1],
  ['an admin by IAM', [gone('iam_admin', 'rds_iam')], another, 1],
  ['a master of which the plan does not say how it logs in', [gone('root', 'rds_iam')], another, 1],
  ['a group that put the master there', [kept('people', 'rds_iam'), gone('root', 'people')], byToken, 1],
  ['a group that is not in rds_iam', [gone('root', 'people')], byToken, 0],
  ['a master with a password: that is the cure', [gone('root', 'rds_iam')], { username: 'root' }, 0],
  ['the same, named by a reference', [gone('root', 'rds_iam')], byReference, 0],
  ['somebody else', [gone('other', 'rds_iam')], byToken, 0],
  ['nobody', [kept('root', 'rds_iam')], byToken, 0],
])('rds_iam taken from %s', (_whom, changes, provider, count) => {
  expect(leaves(changes, provider)).toBe(count);
});

test('a group with an admin in it, that leaves rds_iam, is a fault, too', () => {
  const group = (roles: string[]) => ({ name: 'people', login: false, roles });
  expect(leaves([change('postgresql_role.g', group(['rds_iam']), group([]))], byToken)).toBe(1);
});

test('putting the master into rds_iam is refused for both kinds, each with its reason', () => {
  const added = change('postgresql_grant_role.m', null, grant('root', 'rds_iam'));
  expect(faults(plan([added], byToken))).toContain('into-rds-iam');
  expect(faults(plan([added], byReference))).toContain('into-rds-iam');
});
