import fc from 'fast-check';
import {
  defineAccess,
  documentOnly,
  iamAdmin,
  iamGroup,
  iamRole,
  iamUser,
  memberCluster,
  newRole,
  ownName,
  predefined,
  rdsProxy,
  readOnly,
  service,
} from '../../../modules';
import { overview, overviewText } from '../../../modules/connect/overview';
import { exampleEnvironment } from '../../support/example';
import { generatedEnvironment } from '../../support/generated-environments';

const shop = exampleEnvironment({
  name: 'shop',
  admin: iamAdmin('iam_admin'),
  access: defineAccess({
    groups: { reader: readOnly({ databases: { shop: ['public'], logs: ['a', 'b'] } }) },
    logins: {
      analyst: { memberOf: ['reader'] },
      jane: { memberOf: ['reader', predefined('pg_monitor')] },
      pooled_api: { memberOf: ['reader'] },
      nobody: {},
    },
  }),
  targets: {
    frankfurt: memberCluster({ identifier: 'shop-2', region: 'eu-central-1' }),
    pooled: rdsProxy({ name: 'shop' }),
  },
  principals: {
    analysts: documentOnly({ connectsAs: ['analyst'] }),
    role: iamRole('analysts', { connectsAs: ['analyst'], targets: ['cluster', 'frankfurt'] }),
    people: iamGroup('people', { connectsAs: ownName(['jane']) }),
    admins: iamUser('root', { connectsAs: ['jane'] }),
    api: newRole('api', { trust: service('lambda'), connectsAs: ['pooled_api'], targets: ['pooled'] }),
  },
});

test('a person sees what there is, and one command for each way in', () => {
  expect(overviewText(overview(shop))).toMatchInlineSnapshot(`
"shop: cluster orders, database orders, in eu-west-1 of account 111111111111
admin: iam_admin, by a token

logins
  analyst: member of reader
      npx aurora-iam connect shop analyst   # with credentials that have the document of analysts
      npx aurora-iam connect shop analyst --as role
  jane: member of reader, pg_monitor
      npx aurora-iam connect shop jane   # with the credentials of the IAM user jane
      npx aurora-iam connect shop jane   # with the credentials of the IAM user root
  pooled_api: member of reader
      npx aurora-iam connect shop pooled_api --as api --target pooled
  nobody
      no principal connects as it

groups
  reader: readOnly in public of database shop; a, b of database logs

principals
  analysts: a document only, connects as analyst
  role: role analysts, connects as analyst to cluster, frankfurt
  people: IAM group people, connects as jane
  admins: IAM user root, connects as jane
  api: role api, which the stack creates, connects as pooled_api to pooled

targets
  frankfurt: member cluster shop-2 in eu-central-1
  pooled: RDS Proxy shop in eu-west-1
"
`);
});

test('every login of every environment is shown, with the principals that connect as it and no others', () => {
  fc.assert(
    fc.property(generatedEnvironment, (environment) => {
      const { logins, principals } = overview(environment);
      expect(logins.map(({ name }) => name)).toEqual(Object.keys(environment.access.logins));
      for (const { name, connect } of logins) {
        const expected = principals
          .filter(({ connectsAs }) => connectsAs.includes(name))
          .map(({ key }) => key);
        expect(connect.map(({ principal }) => principal)).toEqual(expected);
        for (const { command } of connect)
          expect(command).toMatch(new RegExp(`^npx aurora-iam connect ${environment.name} ${name}( --|$)`));
      }
    }),
    { numRuns: 50 },
  );
});
