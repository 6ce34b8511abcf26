import { existsSync, readFileSync } from 'node:fs';
import type { CredentialOptions } from '../../clients/aws/credentials';
import { type ClusterFacts, lookAtCluster } from '../../clients/aws/diagnosis/cluster';
import { type FoundCredentials, findCredentials, identify } from '../../clients/aws/diagnosis/signer';
import { followAlias, tunnelAddress } from '../../clients/dns';
import { UserError } from '../../clients/error';
import { tryLogIn } from '../../clients/postgresql/try-log-in';
import { rdsCertificateAuthorities } from '../../modules/connect/certificate-authorities';
import {
  type EndpointLook,
  type Fact,
  type Facts,
  known,
  knownOf,
  notKnown,
} from '../../modules/diagnosis/facts';
import { type Seen, seenIn, seenInOutput } from '../../modules/diagnosis/seen';
import { readTokenLeniently } from '../../modules/diagnosis/token-reading';
import { unknownFacts } from '../../modules/diagnosis/unknown-facts';
import { authoritiesOf } from '../../modules/environment/admin';
import { type Endpoint, type NoEndpoint, readEndpoint } from '../../modules/names/endpoint';
import type { DoctorOptions } from '../doctor';
import { parseThrough } from '../target';
import { lookFurther } from './look-further';
import { type Question, questionOf, wantedOf } from './question';

/** Longer than a login takes; a security group that drops packets never answers. */
const LOGIN_TIMEOUT = 10_000;

/**
 * Looks at everything that decides about one login, as far as it may. First the login itself is tried, and who signs and the cluster
 * are looked up beside it; only after a refusal is the rest asked. Nothing is written anywhere.
 * @param ownToken that a client sends; it is tried instead of a new one
 * @throws UserError if the command line does not say what is meant
 */
export async function gather(options: DoctorOptions, ownToken: string | undefined): Promise<Facts> {
  const question = await questionOf(options);
  const given = options.host === undefined ? undefined : await readHost(options.host, options, question);
  const wanted = wantedOf(question, options, given?.endpoint);
  const region = regionOf(question, options, given?.endpoint);

  const looking = typeof wanted === 'string' ? undefined : lookAtCluster(wanted, question.looking);
  const signing = findCredentials(question.signing, region);
  const identified = signing.then((found) => identify(found, question.signing, region));
  const lookedUp: ClusterFacts = (await (given ? undefined : looking)) ?? {
    cluster: notKnown(typeof wanted === 'string' ? wanted : 'the cluster was not looked up'),
  };
  const look = endpointLook(options, given, lookedUp, region, question);
  const { token, tried } = await attempt(options, question, look, await signing, ownToken);
  const clusterFacts = (await looking) ?? lookedUp;
  const { signer, clock } = await identified;
  const now = new Date();
  const told = options.message === undefined ? undefined : seenInOutput(options.message);
  // Where the login ends otherwise here, the token of this look says nothing about the client's.
  const isOfClient = told !== undefined && ownToken === undefined && knownOf(tried)?.kind !== told.kind;
  const facts: Facts = {
    ...unknownFacts(now, 'the login was admitted: there was nothing to look for'),
    asked: {
      user: question.user,
      database: question.database,
      replication: options.replication === true,
      ownToken: ownToken !== undefined && knownOf(token)?.parts?.accessKeyId !== signer.accessKeyId,
      ...(question.asked ? { environment: question.asked } : {}),
      ...((options.through ?? question.environment?.through)
        ? { through: throughWords(options, question) }
        : {}),
      ...(options.as === undefined ? {} : { as: options.as }),
    },
    endpoint:
      look ??
      notKnown('the endpoint is not known: the cluster could not be looked up, and no --host was given'),
    signer: known(signer),
    cluster: clusterFacts.cluster,
    clock,
    token: isOfClient ? notKnown('the token of the client was not given: --token - takes it') : token,
    tried,
    told,
  };
  if (knownOf(tried)?.kind === 'admitted' && facts.told === undefined) return facts;
  return lookFurther(facts, question, options, clusterFacts, await signing);
}

interface GivenHost {
  readonly given: string;
  readonly endpoint: Endpoint | NoEndpoint;
  readonly alias: boolean;
}

/** A name of somebody's own is followed to the endpoint that it stands for; of a global database, the writer's region is asked. */
async function readHost(given: string, options: DoctorOptions, { looking }: Question): Promise<GivenHost> {
  const endpoint = readEndpoint(given);
  // No name has a colon, so nothing could be found out about it.
  if (endpoint.kind === 'none' && /^[^:/]+:\d+$/.test(given))
    throw new UserError(`--host ${given} ${endpoint.message}: ${endpoint.wayOut}.`);
  if (endpoint.kind === 'none' && endpoint.mayBeAlias) {
    const behind = await followAlias(given);
    if (behind) return { given, endpoint: await located(behind, options, looking), alias: true };
  }
  return {
    given,
    endpoint: endpoint.kind === 'none' ? endpoint : await located(endpoint, options, looking),
    alias: false,
  };
}

/** Undefined stays the region that nobody tells. */
async function located(
  endpoint: Endpoint,
  { region }: DoctorOptions,
  looking: CredentialOptions,
): Promise<Endpoint> {
  if (endpoint.kind !== 'global' || region !== undefined) return endpoint;
  const { primaryRegionOf } = await import('../../clients/aws/clusters');
  const asked = process.env['AWS_REGION'] ?? (endpoint.host.endsWith('.cn') ? 'cn-north-1' : 'us-east-1');
  try {
    return { ...endpoint, region: await primaryRegionOf(endpoint.name, asked, looking) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return endpoint;
  }
}

/** That a token is signed for: what was said, else what the endpoint or the environment says. */
function regionOf(
  { environment }: Question,
  { region }: DoctorOptions,
  endpoint: Endpoint | NoEndpoint | undefined,
): string {
  const own = endpoint && endpoint.kind !== 'none' ? endpoint.region : undefined;
  return (
    region ??
    own ??
    environment?.region ??
    process.env['AWS_REGION'] ??
    process.env['AWS_DEFAULT_REGION'] ??
    'us-east-1'
  );
}

function endpointLook(
  options: DoctorOptions,
  given: GivenHost | undefined,
  { host, reader, cluster }: ClusterFacts,
  region: string,
  { environment }: Question,
): Fact<EndpointLook> | undefined {
  const there = knownOf(cluster);
  if (given) {
    const port = options.port ?? there?.found?.port ?? 5432;
    const named = given.endpoint.kind === 'none' ? undefined : given.endpoint.region;
    const known_ = options.region ?? named ?? environment?.region;
    return known({ ...given, port, region: known_, regionGiven: options.region });
  }
  const found = options.reader ? reader : host;
  if (found === undefined) return undefined;
  const read = readEndpoint(found);
  const own = there?.region ?? region;
  return known({
    given: found,
    alias: false,
    // What AWS itself says is the endpoint, whatever it is called (Local Aurora: localhost).
    endpoint:
      read.kind !== 'none'
        ? read
        : {
            kind:
              there?.kind === undefined || there.kind === 'cluster'
                ? options.reader
                  ? 'readers'
                  : 'writer'
                : there.kind,
            host: found,
            region: own,
            name: there?.identifier ?? found,
          },
    port: options.port ?? there?.found?.port ?? 5432,
    region: own,
    regionGiven: undefined,
  });
}

/** Signs, unless somebody's own token is given, and tries the login with it. */
async function attempt(
  options: DoctorOptions,
  question: Question,
  look: Fact<EndpointLook> | undefined,
  { credentials }: FoundCredentials,
  ownToken: string | undefined,
): Promise<Pick<Facts, 'token' | 'tried'>> {
  const none = (why: string) => ({ token: notKnown(why), tried: notKnown(why) });
  if (question.principal !== undefined)
    return none('nothing is signed, and no login is tried, for another principal');
  const own = ownToken === undefined ? undefined : known(readTokenLeniently(ownToken));
  const endpoint = look && knownOf(look);
  if (credentials === undefined && !own) return none('there are no credentials to sign a token with');
  if (endpoint === undefined) return { ...none('the endpoint is not known'), ...(own ? { token: own } : {}) };
  const host = endpoint.endpoint.kind === 'none' ? endpoint.given : endpoint.endpoint.host;
  if (own) return { token: own, tried: await tried(asSent(ownToken ?? '')) };
  if (credentials === undefined) return none('there are no credentials to sign a token with');
  if (endpoint.endpoint.kind === 'global' && endpoint.region === undefined)
    return none(
      'nothing tells the region of the writer: rds:DescribeGlobalClusters is missing; give --region',
    );
  const { freshTokenWith } = await import('../../clients/aws/token');
  const region = endpoint.region ?? question.environment?.region ?? 'us-east-1';
  const { token } = await freshTokenWith(
    { host, port: endpoint.port, region, user: question.user },
    async () => credentials,
  );
  return { token: known(readTokenLeniently(token)), tried: await tried(token) };

  async function tried(password: string): Promise<Fact<Seen>> {
    const way = options.through ? parseThrough(options.through) : question.environment?.through;
    let address: { hostaddr: string; port: number } | undefined;
    try {
      address = way && (await tunnelAddress(way));
    } catch (error) {
      return known(seenIn((error as Error).message, 'ENOTFOUND'));
    }
    const door = {
      host,
      port: address?.port ?? endpoint?.port ?? 5432,
      ...(address ? { address: address.hostaddr } : {}),
      database: question.database,
      certificateAuthority: authorities(options, question),
    };
    const replication = options.replication === true;
    return known(
      await tryLogIn(door, question.user, password, { replication, timeoutMilliseconds: LOGIN_TIMEOUT }),
    );
  }
}

/** A shell adds one line break to what it prints; everything else is what the client sends. */
function asSent(given: string): string {
  return given.replace(/\r?\n$/, '');
}

function throughWords({ through }: DoctorOptions, { environment }: Question): string {
  const tunnel = environment?.through;
  return through ?? (tunnel ? `${tunnel.host}:${tunnel.port}` : '');
}

/** @throws UserError if the file is not there */
export function authorities({ ca }: DoctorOptions, { environment }: Question): string {
  const file = ca ?? (environment && authoritiesOf(environment));
  if (file === undefined) return rdsCertificateAuthorities();
  if (!existsSync(file)) throw new UserError(`The file of certificate authorities, ${file}, is not there.`);
  return readFileSync(file, 'utf8');
}
