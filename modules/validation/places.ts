import type { Environment } from '../environment/environment';
import { MAIN_TARGET } from '../environment/principals';
import type { Target } from '../environment/targets';
import { partitionOf, splitArn } from '../names/arn';
import { namedIdentity } from './principals';
import type { Report } from './report';

// Where things are in AWS. Constructs are left out: of them the program often knows neither region nor names.

/** The same place under two keys, and what another partition of AWS holds, which nothing here can reach. */
export function reportAwsPlaces(environment: Environment, report: Report): void {
  reportSameTargets(environment, report);
  const partition = partitionOf(environment.region);
  for (const [path, arn] of arnsOf(environment)) {
    const its = splitArn(arn)?.partition;
    if (its !== partition)
      report(
        path,
        `is in the partition ${its}, and the environment's region ${environment.region} is in ${partition}`,
        `write arn:${partition}:…`,
      );
  }
  for (const [key, target] of Object.entries(environment.targets ?? {}))
    if (target.kind === 'memberCluster' && partitionOf(target.region) !== partition)
      report(
        ['targets', key, 'region'],
        `is in another partition of AWS than ${environment.region}, and no global database spans two`,
        'remove the target',
      );
}

/** The ARNs that an environment writes out, with their paths. */
function arnsOf({ principals, assumeRole, cluster, admin, backend }: Environment): [PropertyKey[], string][] {
  const kmsKeyArn = cluster.kind === 'created' ? cluster.kmsKeyArn : undefined;
  const all: [PropertyKey[], string | undefined][] = [
    ...Object.entries(principals).flatMap(([key, principal]): [PropertyKey[], string | undefined][] => {
      const named = namedIdentity(principal);
      if (named) return [[['principals', key, named.kind], named.name]];
      const boundary = principal.kind === 'newRole' ? principal.permissionsBoundaryArn : undefined;
      return [[['principals', key, 'permissionsBoundaryArn'], boundary]];
    }),
    [['assumeRole', 'roleArn'], assumeRole?.roleArn],
    [['cluster', 'kmsKeyArn'], kmsKeyArn],
    [['admin', 'secretArn'], admin?.kind === 'secret' ? admin.secretArn : undefined],
    [['backend', 'kmsKeyArn'], backend?.kmsKeyArn],
    [['backend', 'assumeRoleArn'], backend?.assumeRoleArn],
  ];
  return all.flatMap(([path, arn]) => (arn?.startsWith('arn:') ? [[path, arn]] : []));
}

function reportSameTargets({ cluster, region, targets = {} }: Environment, report: Report): void {
  const taken = new Map([
    [placeOf({ kind: 'memberCluster', identifier: cluster.identifier, region }), MAIN_TARGET],
  ]);
  // An instance and a cluster may have one name.
  if (cluster.kind === 'instance') taken.clear();
  for (const [key, target] of Object.entries(targets)) {
    const place = placeOf(target);
    const other = taken.get(place);
    if (other === undefined) taken.set(place, key);
    else if (other === MAIN_TARGET)
      report(
        ['targets', key],
        `is the environment's own cluster, whose key is ${MAIN_TARGET}`,
        `remove the target and write ${MAIN_TARGET} where principals name it`,
      );
    else report(['targets', key], `is the same place as target "${other}"`, 'remove one of the two');
  }
}

function placeOf(target: Target): string {
  // RDS does not tell upper from lower case in names of proxies.
  return target.kind === 'proxy'
    ? `proxy ${target.name.toLowerCase()}`
    : `cluster ${target.region} ${target.identifier}`;
}
