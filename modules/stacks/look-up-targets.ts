import { DataAwsDbProxy } from '@cdktf/provider-aws/lib/data-aws-db-proxy';
import type { Postcondition } from 'cdktf';
import type { Construct } from 'constructs';
import { lookUpAction, type PolicyTargets } from '../connect/documents';
import type { Environment } from '../environment/environment';
import { MAIN_TARGET } from '../environment/principals';
import { type MemberCluster, type RdsProxy, STANDARD_PROXY } from '../environment/targets';
import { type DatabaseTarget, RESOURCE_ID_PATTERNS } from '../names/arn';
import { address, LOOK_UPS, terraformText } from '../names/terraform';
import { awsProvider } from './aws-provider';
import { arnPart, databaseTarget, lookUpCluster, type MainLookUp } from './look-up';

/** Looks up every target that policies of the environment can name. */
export function lookUpTargets(scope: Construct, environment: Environment, main: MainLookUp): PolicyTargets {
  const others = Object.entries(environment.targets ?? {}).map(([key, target]): [string, DatabaseTarget] => [
    key,
    target.kind === 'proxy' ? lookUpProxy(scope, key, target) : lookUpMember(scope, key, target, environment),
  ]);
  return {
    targets: { [MAIN_TARGET]: main, ...Object.fromEntries(others) },
    lookUp: { action: lookUpAction(environment.cluster.kind), arn: main.arn },
  };
}

function lookUpMember(
  scope: Construct,
  key: string,
  { identifier, region }: MemberCluster,
  environment: Environment,
): DatabaseTarget {
  const provider = awsProvider(scope, address('aws', key), environment, {
    alias: address('target', key),
    region,
  });
  const data = lookUpCluster(scope, LOOK_UPS.member(key), { identifier, provider });
  return databaseTarget(data.arn, data.clusterResourceId);
}

function lookUpProxy(scope: Construct, key: string, { name, role }: RdsProxy): DatabaseTarget {
  const data = new DataAwsDbProxy(scope, LOOK_UPS.proxy(key), {
    name,
    lifecycle: { postcondition: [...proxyConditions(name), ...roleConditions(name, role)] },
  });
  return proxyTarget(data.arn);
}

/** That the proxy has the role that gets its policy, and no other. */
function roleConditions(name: string, role: string | undefined): Postcondition[] {
  if (role === undefined) return [];
  const written = terraformText(role);
  return [
    {
      // A name alone does not say the path.
      condition: role.startsWith('arn:')
        ? `\${self.role_arn == "${written}"}`
        : `\${endswith(self.role_arn, "/${written}")}`,
      errorMessage: `The role of proxy ${name} is not ${written}. Set targets.….role of the environment to its true name: DescribeDBProxies has it as RoleArn.`,
    },
  ];
}

/** `id` of a proxy is only its name: the resource id is the last part of the ARN. */
export function proxyTarget(arn: string): DatabaseTarget {
  return databaseTarget(arn, arnPart(arn, 6));
}

/** What must hold for a proxy that was looked up. */
export function proxyConditions(name: string): Postcondition[] {
  return [
    {
      // `default_auth_scheme` says it outright, and is not in provider 5. A standard proxy has a secret in any case.
      condition: '${alltrue([for each in self.auth : each.auth_scheme != "SECRETS"])}',
      errorMessage: `Proxy ${name} ${STANDARD_PROXY}.`,
    },
    {
      condition: `\${can(regex("${RESOURCE_ID_PATTERNS.proxy}", element(split(":", self.arn), 6)))}`,
      errorMessage: `The ARN of proxy ${name} does not end in prx-…, so no policy can name it.`,
    },
  ];
}
