import type { ClusterFacts } from '../../clients/aws/diagnosis/cluster';
import type { FoundCredentials } from '../../clients/aws/diagnosis/signer';
import { freshTokenWith } from '../../clients/aws/token';
import { UserError } from '../../clients/error';
import {
  type Fact,
  type Facts,
  type InsideLook,
  known,
  knownOf,
  notKnown,
} from '../../modules/diagnosis/facts';
import { lookInside } from '../../modules/diagnosis/inside';
import { seenOf } from '../../modules/diagnosis/words';
import { masterUsernameOf } from '../../modules/environment/cluster';
import { adminDatabase } from '../admin-database';
import type { DoctorOptions } from '../doctor';
import { parseThrough } from '../target';
import { authorities } from './gather';
import type { Question } from './question';

const TELLS = 'whether the user exists in exactly this case, is in rds_iam, and may log in and connect';

/** Reads the catalogs as the environment's admin, or as the user that --look-as names. */
export async function readInside(
  facts: Facts,
  question: Question,
  options: DoctorOptions,
  { cluster }: ClusterFacts,
  { credentials }: FoundCredentials,
): Promise<Fact<InsideLook>> {
  // Nothing gets that far.
  const seen = seenOf(facts);
  if (seen && /^(unknown-host|connection-|certificate-|no-tls)/.test(seen.kind))
    return notKnown('the database was not reached');
  const { environment, user, database } = question;
  const master = environment
    ? masterUsernameOf(environment.cluster)
    : (knownOf(cluster)?.found?.masterUsername ?? 'postgres');
  const asked = { user, database, master };
  const { lookAs } = options;
  try {
    if (lookAs !== undefined) return known(await asUser(lookAs));
    if (environment === undefined)
      return notKnown(
        `nobody looked inside: --look-as <user> does, with PGPASSWORD or a token. It would show ${TELLS}`,
      );
    const { host, port, through, ca } = options;
    const way = {
      ...(host ? { host } : {}),
      ...(port ? { port } : {}),
      ...(through ? { through } : {}),
      ...(ca ? { ca } : {}),
    };
    const admin = await adminDatabase(environment, { ...question.looking, ...way });
    return known(await admin.read(environment.cluster.databaseName, (query) => lookInside(query, asked)));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const who = lookAs ?? 'the admin of the environment';
    return notKnown(
      `${who} could not look inside (${error.message.replace(/\.$/, '')}); that would show ${TELLS}`,
    );
  }

  async function asUser(name: string): Promise<InsideLook> {
    const look = knownOf(facts.endpoint);
    if (!look) throw new UserError('the endpoint is not known');
    const host = look.endpoint.kind === 'none' ? look.given : look.endpoint.host;
    const password = process.env['PGPASSWORD'] ?? (await tokenFor(name));
    const through = options.through ? parseThrough(options.through) : environment?.through;
    const { readIn } = await import('../../clients/postgresql/session');
    const { checkServerIdentity } = await import('node:tls');
    const settings = {
      host: through?.host ?? host,
      port: through?.port ?? look.port,
      user: name,
      password,
      ssl: {
        ca: authorities(options, question),
        servername: host,
        checkServerIdentity: (_dialled: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
          checkServerIdentity(host, certificate),
      },
    };
    // A database that everybody may connect to: the one that is asked about may be what is wrong.
    return readIn(settings, 'postgres', (query) => lookInside(query, asked));
  }

  async function tokenFor(name: string): Promise<string> {
    const look = knownOf(facts.endpoint);
    if (!credentials || !look?.region)
      throw new UserError('there is no PGPASSWORD, and nothing to sign a token with');
    const host = look.endpoint.kind === 'none' ? look.given : look.endpoint.host;
    return (
      await freshTokenWith(
        { host, port: look.port, region: look.region, user: name },
        async () => credentials,
      )
    ).token;
  }
}
