import {
  GetOpenIDConnectProviderCommand,
  GetUserCommand,
  IAMClient,
  ListGroupsForUserCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam';
import { type AwsEndpoint, startAwsEndpoint } from '../../../local/aws/aws-endpoint';
import { createCredentialLedger } from '../../../local/aws/credential-ledger';
import { type MotoServer, startMoto } from '../../../local/aws/moto';
import { findMoto } from '../../../local/aws/moto-installation';
import { createIdentities } from '../../../local/main-job/identities';
import { LOCAL_DIRECTORY } from '../../../local/project-directory';
import {
  defineAccess,
  defineEnvironment,
  documentOnly,
  eksServiceAccount,
  existingCluster,
  githubActions,
  iamGroup,
  iamRole,
  iamUser,
  newRole,
  ownName,
  readOnly,
} from '../../../modules';
import { describeWith } from '../../support/machine';

const issuer = 'oidc.eks.eu-west-1.amazonaws.com/id/ABC';
const reads = { memberOf: ['reader' as const] };
const environment = defineEnvironment({
  name: 'test',
  account: '123456789012',
  region: 'eu-west-1',
  cluster: existingCluster({ identifier: 'orders', databaseName: 'orders', masterUsername: 'postgres' }),
  access: defineAccess({
    groups: { reader: readOnly() },
    logins: { api: reads, jane: reads, joe: reads, nightly: reads, team: reads },
  }),
  principals: {
    api: iamRole('orders-api', { connectsAs: ['api'] }),
    paper: documentOnly({ connectsAs: ['api'] }),
    person: iamUser('nightly-user', { connectsAs: ['nightly'] }),
    people: iamGroup('people', { connectsAs: ownName(['jane', 'joe']) }),
    others: iamGroup('others', { connectsAs: ['team'] }),
    workflow: newRole('made-by-the-stack', {
      trust: githubActions({ repository: 'example/orders', branch: 'main' }),
      connectsAs: ['api'],
    }),
    jobs: newRole('made-too', {
      trust: eksServiceAccount({ issuer, namespace: 'a', serviceAccount: 'b' }),
      connectsAs: ['api'],
    }),
    moreJobs: newRole('made-as-well', {
      trust: eksServiceAccount({ issuer, namespace: 'a', serviceAccount: 'c' }),
      connectsAs: ['api'],
    }),
  },
});

describeWith(['moto'], 'the identities that an account has before the deployment', () => {
  const ledger = createCredentialLedger();
  let moto: MotoServer;
  let aws: AwsEndpoint;
  let iam: IAMClient;

  beforeAll(async () => {
    const log = { write: () => {} };
    const installation = await findMoto({ toolsDirectory: `${LOCAL_DIRECTORY}/tools` });
    if (!installation) throw new Error('moto was there when the tests began');
    moto = await startMoto({ installation, log });
    aws = await startAwsEndpoint({ moto: moto.url, ledger, log });
    const credentials = { accessKeyId: 'owner', secretAccessKey: 'owner' };
    iam = new IAMClient({ endpoint: aws.url, region: 'eu-west-1', credentials });
  }, 60_000);
  afterAll(async () => {
    iam?.destroy();
    await aws?.stop();
    await moto?.stop();
  });

  test('are its roles, users, groups and OIDC providers, but not the roles that the stack makes', async () => {
    const { roles, users } = await createIdentities(environment, iam);
    const arn = 'arn:aws:iam::123456789012';
    expect([...roles]).toEqual([
      ['api', `${arn}:role/orders-api`],
      ['paper', `${arn}:role/paper`],
    ]);
    const { Roles = [] } = await iam.send(new ListRolesCommand({}));
    expect(Roles.map((role) => role.RoleName).sort()).toEqual(['orders-api', 'paper']);

    expect([...users.keys()].sort()).toEqual(['jane', 'joe', 'nightly', 'team']);
    const userOf = async (login: string) => {
      const UserName = ledger.find(users.get(login)?.accessKeyId ?? '')?.caller.name;
      await iam.send(new GetUserCommand({ UserName }));
      const { Groups = [] } = await iam.send(new ListGroupsForUserCommand({ UserName: UserName as string }));
      return [UserName, ...Groups.map((group) => group.GroupName)];
    };
    expect(await userOf('nightly')).toEqual(['nightly-user']);
    expect(await userOf('jane')).toEqual(['jane', 'people']);
    expect(await userOf('joe')).toEqual(['joe', 'people']);
    expect(await userOf('team')).toEqual(['others-member', 'others']);

    for (const name of [issuer, 'token.actions.githubusercontent.com']) {
      const provider = await iam.send(
        new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: `${arn}:oidc-provider/${name}` }),
      );
      expect(provider.ClientIDList).toEqual(['sts.amazonaws.com']);
    }
  });
});
