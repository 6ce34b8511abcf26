import { CreatePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import fc from 'fast-check';
import { type AwsEndpoint, startAwsEndpoint } from '../../../local/aws/aws-endpoint';
import { createCredentialLedger } from '../../../local/aws/credential-ledger';
import { type MotoServer, startMoto } from '../../../local/aws/moto';
import { findMoto } from '../../../local/aws/moto-installation';
import { LOCAL_DIRECTORY } from '../../../local/project-directory';
import {
  connectDocuments,
  dbuserArn,
  type Environment,
  type PolicyTargets,
  type Principal,
  validateEnvironments,
} from '../../../modules';
import { loginsOf, targetsOf } from '../../../modules/environment/principals';
import type { Caller } from '../../../modules/iam/caller';
import { evaluate } from '../../../modules/iam/evaluator/evaluate';
import { loginRequest } from '../../../modules/iam/login-request';
import type { PolicyStatement } from '../../../modules/iam/policy-document';
import { generatedEnvironment } from '../../support/generated-environments';
import { describeWith } from '../../support/machine';
import { synthesize } from '../../support/synthesized';

/** The targets of generated environments as AWS might resolve them. */
function resolve(environment: Environment): PolicyTargets {
  const home = { partition: 'aws', region: 'eu-west-1', account: '111111111111' };
  const main = environment.cluster.kind === 'instance' ? 'db-MAIN1' : 'cluster-MAIN1';
  return {
    targets: {
      cluster: { ...home, resourceId: main },
      frankfurt: { ...home, region: 'eu-central-1', resourceId: 'cluster-MEMBER1' },
      pooled: { ...home, resourceId: 'prx-0a1b2c3d4e5f60718' },
    },
    lookUp: {
      action: environment.cluster.kind === 'instance' ? 'rds:DescribeDBInstances' : 'rds:DescribeDBClusters',
      arn: `arn:aws:rds:eu-west-1:111111111111:${environment.cluster.kind === 'instance' ? 'db' : 'cluster'}:orders`,
    },
  };
}

function textsOf(environment: Environment, principal: Principal): string[] {
  return connectDocuments(environment, principal, resolve(environment)).map((document) =>
    JSON.stringify(document),
  );
}

/** What IAM would answer this principal, which names itself `userName` if it is a user. */
function isAllowed(texts: readonly string[], resource: string, userName: string | undefined): boolean {
  const now = new Date('2026-01-01T00:00:00Z');
  const caller: Caller = {
    ...(userName === undefined
      ? {
          kind: 'assumed-role',
          arn: 'arn:aws:sts::111111111111:assumed-role/r/session',
          principalArn: 'arn:aws:iam::111111111111:role/r',
          name: 'r',
          issuedAt: now,
        }
      : {
          kind: 'user',
          arn: `arn:aws:iam::111111111111:user/${userName}`,
          principalArn: `arn:aws:iam::111111111111:user/${userName}`,
          name: userName,
        }),
    account: '111111111111',
    userId: 'AIDAEXAMPLE',
    sessionPolicies: [],
    sessionPolicyArns: [],
  };
  const identity = texts.map((document, index) => ({ name: `policy ${index + 1}`, document }));
  return evaluate(loginRequest(caller, resource, now), { identity }).allowed;
}

/** Whoever the principal may be when it asks: itself, or each of the users who connect under their own names. */
function callersOf(principal: Principal): { userName?: string; mayBe: readonly string[] }[] {
  if ('ownName' in principal.connectsAs)
    return principal.connectsAs.ownName.map((userName) => ({ userName, mayBe: [userName] }));
  return [{ mayBe: principal.connectsAs }];
}

test('in 10,000 environments every principal is allowed exactly the logins and targets it is named with', () => {
  fc.assert(
    fc.property(generatedEnvironment, (environment) => {
      validateEnvironments([environment]);
      const { targets } = resolve(environment);
      const logins = [...Object.keys(environment.access.logins), 'postgres', 'ax'];
      for (const principal of Object.values(environment.principals)) {
        const texts = textsOf(environment, principal);
        for (const { userName, mayBe } of callersOf(principal))
          for (const [key, target] of Object.entries(targets))
            for (const login of logins) {
              const expected = targetsOf(principal).includes(key) && mayBe.includes(login);
              if (isAllowed(texts, dbuserArn(target, login), userName) !== expected)
                throw new Error(
                  `${expected ? 'refused' : 'allowed'}: ${login} on ${key} by ${JSON.stringify(principal)}: ${texts}`,
                );
            }
      }
    }),
    { numRuns: 10_000 },
  );
}, 180_000);

test('no document holds another action, is too long, or has a character that IAM refuses', () => {
  fc.assert(
    fc.property(generatedEnvironment, (environment) => {
      const { lookUp } = resolve(environment);
      for (const principal of Object.values(environment.principals))
        for (const [index, text] of textsOf(environment, principal).entries()) {
          expect(text.length).toBeLessThanOrEqual(6144);
          expect(text).toMatch(/^[\t\n\r\u0020-\u00ff]*$/);
          const [connect, ...rest] = (JSON.parse(text) as { Statement: PolicyStatement[] }).Statement;
          expect(connect).toMatchObject({ Effect: 'Allow', Action: 'rds-db:connect' });
          expect(connect?.Resource).toHaveLength(
            targetsOf(principal).length *
              ('ownName' in principal.connectsAs ? 1 : loginsOf(principal).length),
          );
          const asked = principal.mayLookUpCluster && index === 0;
          expect(rest).toEqual(
            asked
              ? [{ Sid: 'LookUpCluster', Effect: 'Allow', Action: lookUp.action, Resource: lookUp.arn }]
              : [],
          );
        }
    }),
    { numRuns: 500 },
  );
});

test('what is synthesized is the same document, with references in the place of what AWS resolves', () => {
  fc.assert(
    fc.property(generatedEnvironment, (environment) => {
      const stack = synthesize(environment).stacks['test-policies'];
      const documents = stack?.output['policy_documents']?.value as Record<string, string>;
      for (const [key, principal] of Object.entries(environment.principals))
        expect(resolveExpressions(documents[key] ?? '', environment)).toBe(
          textsOf(environment, principal)[0],
        );
    }),
    { numRuns: 100 },
  );
}, 120_000);

/** What Terraform makes of the expressions in a synthesized document. */
function resolveExpressions(text: string, environment: Environment): string {
  const { targets, lookUp } = resolve(environment);
  const references: Record<string, { arn: string; resourceId: string }> = {
    'data.aws_rds_cluster.cluster': { arn: lookUp.arn, resourceId: 'cluster-MAIN1' },
    'data.aws_db_instance.instance': { arn: lookUp.arn, resourceId: 'db-MAIN1' },
    'data.aws_rds_cluster.member-frankfurt': {
      arn: 'arn:aws:rds:eu-central-1:111111111111:cluster:orders-2',
      resourceId: 'cluster-MEMBER1',
    },
    'data.aws_db_proxy.proxy-pooled': {
      arn: `arn:aws:rds:eu-west-1:111111111111:db-proxy:${targets['pooled']?.resourceId}`,
      resourceId: '',
    },
  };
  return text
    .replace(/(?<!\$)\$\{([^}]+)\}/g, (_all, expression: string) => {
      const [, reference = '', attribute, index] =
        /(data\.\w+\.[\w-]+)\.(arn|db_instance_arn|cluster_resource_id|resource_id)(?:\), (\d)\))?$/.exec(
          expression,
        ) ?? [];
      const known = references[reference];
      if (!known) throw new Error(`an expression that this test does not know: ${expression}`);
      if (attribute?.endsWith('resource_id')) return known.resourceId;
      return index === undefined ? known.arn : (known.arn.split(':')[Number(index)] as string);
    })
    .replaceAll('$${', '${');
}

describeWith(['moto'], 'the AWS endpoint', () => {
  let moto: MotoServer;
  let aws: AwsEndpoint;
  let iam: IAMClient;
  const log = { write: () => {} };

  beforeAll(async () => {
    const installation = await findMoto({ toolsDirectory: `${LOCAL_DIRECTORY}/tools` });
    if (!installation) throw new Error('moto was there when the tests began');
    moto = await startMoto({ installation, log });
    aws = await startAwsEndpoint({ moto: moto.url, ledger: createCredentialLedger(), log });
    iam = new IAMClient({
      endpoint: aws.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
  }, 60_000);
  afterAll(async () => {
    iam?.destroy();
    await aws?.stop();
    await moto?.stop();
  });

  test('accepts the documents of generated environments', async () => {
    let number = 0;
    for (const environment of fc.sample(generatedEnvironment, 30))
      for (const principal of Object.values(environment.principals))
        for (const PolicyDocument of textsOf(environment, principal)) {
          number += 1;
          const { Policy } = await iam.send(
            new CreatePolicyCommand({ PolicyName: `generated-${number}`, PolicyDocument }),
          );
          expect(Policy?.Arn).toContain(`generated-${number}`);
        }
  }, 60_000);
});
