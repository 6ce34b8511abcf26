import type { SignedToken } from '../clients/aws/token';
import { UserError } from '../clients/error';
import {
  connectionUri,
  notInFile,
  pgpassLine,
  serviceSection,
  shellVariables,
} from '../modules/connect/client-connection';
import { clientConnection, passwordCommandFor } from './client-connection';
import { done, type Outcome } from './outcome';
import type { Target } from './target';
import type { TokenOptions } from './token';
import type { TOKEN_FORMATS } from './token-formats';

/** What `token --format` prints beside the token itself. @param sign is called only where a token is printed @throws UserError */
export async function connectionWithToken(
  format: Exclude<(typeof TOKEN_FORMATS)[number], 'raw'>,
  target: Target,
  options: TokenOptions,
  sign: () => Promise<SignedToken>,
): Promise<Outcome> {
  const connection = await clientConnection(target, options);
  if (format === 'service' || format === 'pgpass') {
    const unfit = notInFile(connection, format);
    if (unfit !== undefined) throw new UserError(unfit);
  }
  switch (format) {
    case 'service': {
      const name = [options.env ?? target.host.split('.')[0], target.user].join('-');
      return done(serviceSection(name, connection, passwordCommandFor(options)));
    }
    case 'uri':
      return done(`${connectionUri(connection, (await sign()).token)}\n`);
    case 'env':
      return done(shellVariables(connection, (await sign()).token));
    case 'pgpass':
      return done(pgpassLine(connection, (await sign()).token));
    case 'json': {
      const { certificateAuthorityFile: sslrootcert, ...rest } = connection;
      const { token: password, expiresAt } = await sign();
      const all = {
        ...rest,
        region: target.region,
        sslmode: 'verify-full',
        sslrootcert,
        password,
        expiresAt,
      };
      return done(`${JSON.stringify(all, null, 2)}\n`);
    }
  }
}
