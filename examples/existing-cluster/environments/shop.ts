import { defineAccess, defineEnvironment, existingCluster, iamRole, readOnly } from 'aurora-iam';

export default defineEnvironment({
  name: 'shop',
  account: '111111111111',
  region: 'eu-west-1',
  cluster: existingCluster({ identifier: 'shop', databaseName: 'shop' }),
  access: defineAccess({ groups: { reader: readOnly() }, logins: { analyst: { memberOf: ['reader'] } } }),
  principals: { analysts: iamRole('analysts', { connectsAs: ['analyst'] }) },
});
