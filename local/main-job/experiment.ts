import { type IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { logIn, refusalOf } from '../../clients/postgresql/log-in';
import { CONNECT } from '../../modules/iam/actions';
import type { PolicyStatement } from '../../modules/iam/policy-document';
import { dbuserArn } from '../../modules/names/arn';
import type { Account } from '../../modules/names/place';
import { assumeRole, type LocalDoor, makeToken } from './logins';
import { expectThat, type Report } from './report';
import { createRole } from './roles';

/** The write-up that this project answers, step by step. */
export interface Experiment extends Account {
  readonly report: Report;
  readonly door: LocalDoor;
  readonly iam: IAMClient;
  readonly awsEndpoint: string;
  readonly identifier: string;
  readonly resourceId: string;
  /** A login that exists and is in rds_iam: only the policy changes from step to step. */
  readonly login: string;
  readonly used: Set<string>;
}

export async function runExperiment(experiment: Experiment): Promise<void> {
  const { partition, account, resourceId, identifier, login, door } = experiment;
  const right = dbuserArn({ partition, account, region: door.region, resourceId }, login);
  // What no function of this project makes: the name from the console in place of the resource id.
  const wrong = right.replace(resourceId, identifier);
  const connect = (resource: string): PolicyStatement => ({
    Effect: 'Allow',
    Action: CONNECT,
    Resource: resource,
  });
  const author = await roleWith(experiment, 'original-author');
  const administrator = await roleWith(experiment, 'administrator');
  await administrator.set([{ Effect: 'Allow', Action: '*', Resource: '*' }]);

  const step = (id: string, what: string, statements: PolicyStatement[], admitted: boolean) =>
    experiment.report.check(`experiment.${id}`, async () => {
      await author.set(statements);
      return seen(what, await author.attempt(), admitted);
    });
  const seen = (what: string, refusal: string | undefined, admitted: boolean) => {
    const result = refusal ?? 'in';
    const right = admitted
      ? refusal === undefined
      : refusal === `PAM authentication failed for user "${login}" (28000)`;
    expectThat(right, `${what}: ${result}`);
    return `${what}: ${result}`;
  };
  await step('1-identifier', 'rds-db:connect on the cluster identifier', [connect(wrong)], false);
  await experiment.report.check('experiment.2-administrator', async () =>
    seen(
      'the same login, its token signed by an administrator (* on *)',
      await administrator.attempt(),
      true,
    ),
  );
  const also = (action: string): PolicyStatement[] => [
    { Effect: 'Allow', Action: [CONNECT, action], Resource: wrong },
  ];
  await step('3-rds-star', 'the identifier, and rds:*', also('rds:*'), false);
  await step('4-rds-describe', 'the identifier, and rds:Describe*', also('rds:Describe*'), false);
  await step('5-resource-id', 'rds-db:connect alone, on the resource id', [connect(right)], true);
}

interface TestRole {
  /** Replaces the role's only policy. */
  set(statements: PolicyStatement[]): Promise<void>;
  /** Tries to log in with a fresh token. @returns the refusal, if it was one */
  attempt(): Promise<string | undefined>;
}

async function roleWith(
  { iam, awsEndpoint, account, partition, door, login, used }: Experiment,
  name: string,
): Promise<TestRole> {
  const arn = await createRole(iam, { name, account, partition });
  const credentials = await assumeRole(awsEndpoint, door.region, arn);
  return {
    async set(statements) {
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'experiment', PolicyDocument }));
    },
    async attempt() {
      const token = await makeToken(door, login, credentials);
      used.add(token);
      return refusalOf(logIn(door, login, token, async () => {}));
    },
  };
}
