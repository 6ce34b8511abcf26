import { lookUpTarget } from '../../clients/aws/clusters';
import { UserError } from '../../clients/error';
import { authoritiesOf } from '../../modules/environment/admin';
import type { Environment } from '../../modules/environment/environment';
import { environmentRoutes } from '../../proxy/environment-routes';
import type { Address } from '../../proxy/listen';
import type { Entrance } from '../../proxy/proxy';
import type { Route } from '../../proxy/routes';
import { parseThrough, resolveTarget } from '../target';
import { givenFile } from './given-file';
import { loadEnvironments } from './load-environments';
import type { ProxyCommandOptions } from './options';
import { DEFAULT_ADDRESS, parseListen, parseServed, type Served } from './places';

/** What is served where. */
export interface ServedNow {
  readonly entrances: readonly Entrance[];
  /** As they were read. */
  readonly environments: readonly Environment[];
}

/** @throws UserError */
export async function servedNow(
  given: readonly string[],
  options: ProxyCommandOptions,
  remark: (line: string) => void,
): Promise<ServedNow> {
  const shared: readonly Address[] = options.listen?.map((each) => parseListen(each)) ?? [DEFAULT_ADDRESS];
  if (given.length === 0) {
    const route = await hostRoute(options, remark);
    return { entrances: shared.map((address) => ({ address, routes: [route] })), environments: [] };
  }
  if (options.host !== undefined || options.port !== undefined || options.region !== undefined)
    throw new UserError('Give either environments, or --host, --port and --region: not both.');
  const served = given.map(parseServed).map((each) => withWay(each, options));
  const names = [...new Set(served.map(({ environment }) => environment))];
  const environments = await loadEnvironments(names);
  const certificateAuthority = authorities(options.ca);
  const routesOf = ({ environment: name, way }: Served): readonly Route[] => {
    const environment = environments.find((each) => each.name === name);
    if (!environment) throw new UserError(`There is no environment "${name}".`);
    const file = authoritiesOf(environment);
    const ca = certificateAuthority ?? authorities(file);
    const { profile, role, as, user } = options;
    return environmentRoutes(
      environment,
      {
        ...(profile === undefined ? {} : { profile }),
        ...(role === undefined ? {} : { role }),
        ...(as === undefined ? {} : { as }),
        ...(user === undefined ? {} : { users: user }),
        ...(way === undefined ? {} : { way }),
        ...(options.through === undefined ? {} : { through: parseThrough(options.through) }),
        ...(ca === undefined ? {} : { certificateAuthority: ca }),
      },
      (which, where) => lookUpTarget(which, where, profile === undefined ? {} : { profile }),
    );
  };
  const together = served.filter(({ address }) => address === undefined).flatMap(routesOf);
  const entrances = [
    ...(together.length === 0 ? [] : shared.map((address) => ({ address, routes: unique(together) }))),
    ...served.flatMap((each) =>
      each.address === undefined ? [] : [{ address: each.address, routes: routesOf(each) }],
    ),
  ];
  return { entrances, environments };
}

function withWay(served: Served, { target, reader }: ProxyCommandOptions): Served {
  if (target === undefined && !reader) return served;
  if (served.way)
    throw new UserError(
      `${served.environment} has a way of its own already: leave --target and --reader out.`,
    );
  return { ...served, way: { ...(target === undefined ? {} : { target }), ...(reader ? { reader } : {}) } };
}

/** `prod prod.readers`: the readers are served once. */
function unique(routes: readonly Route[]): readonly Route[] {
  return routes.filter(({ name }, index) => routes.findIndex((each) => each.name === name) === index);
}

async function hostRoute(options: ProxyCommandOptions, remark: (line: string) => void): Promise<Route> {
  const { user: users, listen: _places, ...rest } = options;
  if (options.host === undefined)
    throw new UserError('Say what to serve: environments of this project, or --host with --user.');
  const [first] = users ?? [];
  if (first === undefined)
    throw new UserError('Say as whom clients may connect: --user <login>, more than once for several.');
  const resolved = () => resolveTarget({ ...rest, user: first }, remark);
  const { host, port, region, credentials } = await resolved();
  const certificateAuthority = authorities(options.ca);
  return {
    name: host.split('.')[0] ?? host,
    isDefault: true,
    logins: users,
    databases: [],
    // The writer of a global database is in another region after a failover.
    to: host.includes('.global-')
      ? { kind: 'looked-up', lookUp: resolved }
      : { kind: 'endpoint', host, port, region },
    credentials,
    through: options.through === undefined ? undefined : parseThrough(options.through),
    certificateAuthority,
  };
}

/** @throws UserError */
function authorities(file: string | undefined): string | undefined {
  return file === undefined ? undefined : givenFile(file, 'The file of certificate authorities');
}
