import { readFileSync } from 'node:fs';
import { findCredentials, identify } from '../../clients/aws/diagnosis/signer';
import { tryLogIn } from '../../clients/postgresql/try-log-in';
import type { Signer } from '../../modules/diagnosis/facts';
import { refusalHelp } from '../../modules/diagnosis/refusal';
import type { Target } from '../target';
import { askedOf } from './question';

/** Whoever waits has just been refused. */
const PATIENCE_MILLISECONDS = 900;

/**
 * Who signed, and the cause, or the one command that finds it. psql keeps the server's words to itself, so the same token is tried once
 * more. @returns lines; none if the login is admitted now, so that psql ended for another reason
 */
export async function afterRefusal(
  target: Target,
  token: string,
  way: {
    readonly database: string;
    readonly certificateAuthorityFile: string;
    readonly hostaddr?: string;
    readonly port?: number;
  },
): Promise<string[]> {
  const { host, user, region, environment } = target;
  const door = {
    host,
    port: way.port ?? target.port,
    ...(way.hostaddr === undefined ? {} : { address: way.hostaddr }),
    database: way.database,
    certificateAuthority: readFileSync(way.certificateAuthorityFile, 'utf8'),
  };
  const [seen, signer] = await Promise.all([
    tryLogIn(door, user, token, { replication: false, timeoutMilliseconds: PATIENCE_MILLISECONDS }),
    signerOf(target),
  ]);
  if (seen.kind === 'admitted') return [];
  const { cause, detail, hint } = refusalHelp(
    { message: seen.text, sqlstate: seen.sqlstate },
    {
      now: new Date(),
      user,
      database: way.database,
      host,
      port: target.port,
      region,
      token,
      ...(signer ? { signer } : {}),
      ...(environment ? { environment: askedOf(environment, user) } : {}),
    },
  );
  return [detail, cause === undefined ? hint : `To mend it: ${hint}`];
}

/** Undefined where AWS does not answer in time: then the token names the access key. */
function signerOf({ credentials, region }: Target): Promise<Signer | undefined> {
  const asked = findCredentials(credentials, region)
    .then((found) => identify(found, credentials, region))
    .then(({ signer }) => signer)
    .catch(() => undefined);
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), PATIENCE_MILLISECONDS).unref();
  });
  return Promise.race([asked, late]);
}
