import { dnsSuffixOf } from './regions';

/**
 * A host name of RDS, taken apart. A token is signed for the name and the region in it.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.html
 */
export interface Endpoint {
  /**
   * `writer`, `readers`: of an Aurora cluster. `instance`: of one instance, of a cluster or not. `custom`: of some instances of a
   * cluster. `shardGroup`: of Aurora Limitless. `global`: the writer of a global database, wherever it is today.
   */
  readonly kind: 'writer' | 'readers' | 'custom' | 'shardGroup' | 'instance' | 'proxy' | 'global';
  /** In small letters, without a dot at its end: a token for another spelling of it is a token for another host. */
  readonly host: string;
  /** Undefined for `global`: it is that of today's primary. */
  readonly region: string | undefined;
  /** The identifier of the cluster, instance or global database, or the name of the proxy (or of the proxy's endpoint). */
  readonly name: string;
}

/** What was given instead, and what to write; both in words. */
export interface NoEndpoint {
  readonly kind: 'none';
  readonly message: string;
  readonly wayOut: string;
  /** A name of somebody's own, which may lead to an endpoint. */
  readonly mayBeAlias: boolean;
  /** A host all the same: a name of somebody's own, an address, this machine. Who logs in with a password may dial it. */
  readonly isHost: boolean;
}

/** Domains of the partitions. In China and the isolated ones `rds` stands before the region; China has the other order, too. */
const REGION = '[a-z]{2,4}(?:-[a-z]+)+-\\d+';
const DOMAINS = [
  new RegExp(`^(?<rest>.+)\\.(?<region>${REGION})\\.rds(?:-fips)?\\.amazonaws\\.(?:com|com\\.cn|eu)$`),
  new RegExp(`^(?<rest>.+)\\.rds(?:-fips)?\\.(?<region>${REGION})\\.amazonaws\\.com\\.cn$`),
  new RegExp(
    `^(?<rest>.+)\\.rds\\.(?<region>${REGION})\\.(?:c2s\\.ic\\.gov|sc2s\\.sgov\\.gov|csp\\.hci\\.ic\\.gov|cloud\\.adc-e\\.uk)$`,
  ),
];
const GLOBAL = /^(?<name>[a-z][a-z0-9-]*)\.global-[a-z0-9]+\.global\.rds\.amazonaws\.(?:com|com\.cn|eu)$/;

/** Between the name and the region, in this order: `cluster-ro-` begins as `cluster-` does. */
const KINDS: readonly (readonly [prefix: RegExp, kind: Endpoint['kind']])[] = [
  [/^cluster-ro-[a-z0-9]+$/, 'readers'],
  [/^cluster-custom-[a-z0-9]+$/, 'custom'],
  [/^cluster-[a-z0-9]+$/, 'writer'],
  [/^shardgrp-[a-z0-9]+$/, 'shardGroup'],
  [/^(?:endpoint\.)?proxy-[a-z0-9]+$/, 'proxy'],
  [/^[a-z0-9]+$/, 'instance'],
];

/** Reads what somebody gave as the host of a database. Capitals and a dot at the end make no other host. */
export function readEndpoint(given: string): Endpoint | NoEndpoint {
  const host = given.toLowerCase().replace(/\.$/, '');
  const global = GLOBAL.exec(host)?.groups;
  if (global) return { kind: 'global', host, region: undefined, name: global['name'] as string };
  for (const domain of DOMAINS) {
    const { rest = '', region = '' } = domain.exec(host)?.groups ?? {};
    const [name = '', ...kindParts] = rest.split('.');
    const kind = KINDS.find(([pattern]) => pattern.test(kindParts.join('.')))?.[1];
    if (!kind || !/^[a-z][a-z0-9-]*$/.test(name)) continue;
    // cn-north-1 in amazonaws.com, us-east-1 in amazonaws.eu: nobody has such a name.
    const suffix = dnsSuffixOf(region);
    if (host.endsWith(`.${suffix}`)) return { kind, host, region, name };
    return none('contradicts itself', `endpoints in ${region} end in ${suffix}`);
  }
  return noEndpoint(given, host);
}

function none(message: string, wayOut: string, what?: 'host' | 'alias'): NoEndpoint {
  return { kind: 'none', message, wayOut, mayBeAlias: what === 'alias', isHost: what !== undefined };
}

function noEndpoint(given: string, host: string): NoEndpoint {
  const endpoint =
    'write the endpoint that `aws rds describe-db-clusters` shows, such as shop.cluster-abc.eu-west-1.rds.amazonaws.com';
  if (/^arn:/.test(host)) return none('is an ARN', endpoint);
  if (/^(cluster|db|prx)-[a-z0-9]{8,}$/.test(host))
    return none('is a resource id, which stands in policies', endpoint);
  if (host.startsWith('/')) return none('is a path', endpoint);
  if (/^[a-z][a-z0-9+]*:\/\//.test(host) || host.includes('@') || host.includes('/'))
    return none('is a URI', 'give its host alone, and its port with --port');
  if (/\s/.test(given) || given === '') return none('is not a host name', endpoint);
  const through = (port: string) =>
    `a token is signed for the real endpoint: give that as --host, and the tunnel as --through ${port}`;
  const [, name = host, port] = /^([^:]+|\[[0-9a-f:]+\]):(\d{1,5})$/.exec(host) ?? [];
  if (isLoopback(name) || isAddress(host) || isAddress(name))
    return none(
      isLoopback(name) ? 'is this machine' : 'is an address',
      through(`${/^[^[].*:/.test(name) ? `[${name}]` : name}:${port ?? '15432'}`),
      port === undefined ? 'host' : undefined,
    );
  if (port !== undefined)
    return none('is a host and a port', `give the host alone, and the port as --port ${port}`);
  // A look-alike of a letter, a comma, an equals sign: what is dialled must be what was read.
  if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(host)) return none('is not a host name', endpoint);
  if (/\.dsql(-fips)?\.[a-z0-9-]+\.(on\.aws|amazonaws\.com)$/.test(host))
    return none('is an endpoint of Aurora DSQL, which takes tokens of another kind', endpoint);
  if (/^ec2-.*\.amazonaws\.com(\.cn)?$/.test(host))
    return none('is the name of an address that an endpoint led to', endpoint, 'host');
  if (/^[a-z][a-z0-9-]*$/.test(host)) return none('is not the name of an endpoint', endpoint, 'host');
  return none(
    'is a name of your own, not an endpoint of RDS, which a token must be signed for',
    endpoint,
    'alias',
  );
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    host === '[::1]' ||
    /^127\./.test(host)
  );
}

function isAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || /^\[?[0-9a-f]*:[0-9a-f:]+\]?$/.test(host);
}
