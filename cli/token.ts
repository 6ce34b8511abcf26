import { freshToken } from '../clients/aws/token';
import { UserError } from '../clients/error';
import {
  connectionUri,
  notInFile,
  pgpassLine,
  serviceSection,
  shellVariables,
} from '../modules/connect/client-connection';
import { TOKEN_LIMITS, tokenTooLong } from '../modules/iam/token-limits';
import { clientConnection, passwordCommandFor, type WayOptions } from './client-connection';
import { done, type Outcome } from './outcome';
import { resolveTarget, type TargetOptions } from './target';
import type { TOKEN_FORMATS } from './token-formats';

export interface TokenOptions extends TargetOptions, WayOptions {
  /** @default 'raw' */
  readonly format?: (typeof TOKEN_FORMATS)[number];
  /** A client of `TOKEN_LIMITS`. */
  readonly for?: string;
}

/** One token, in the form that its place needs. @param remark is called with what a person should know of it @throws UserError */
export async function token(options: TokenOptions, remark: (line: string) => void): Promise<Outcome> {
  const { format = 'raw' } = options;
  const target = await resolveTarget(options, remark);
  if (format === 'service' || format === 'pgpass') {
    const unfit = notInFile(await clientConnection(target, options), format);
    if (unfit !== undefined) throw new UserError(unfit);
  }
  if (format === 'service') {
    const name = [options.env ?? target.host.split('.')[0], target.user].join('-');
    return done(serviceSection(name, await clientConnection(target, options), passwordCommandFor(options)));
  }
  const signed = await freshToken(target, target.credentials);
  warn(signed.token, options.for, remark);
  if (format === 'raw') return done(`${signed.token}\n`);
  const connection = await clientConnection(target, options);
  switch (format) {
    case 'uri':
      return done(`${connectionUri(connection, signed.token)}\n`);
    case 'env':
      return done(shellVariables(connection, signed.token));
    case 'pgpass':
      return done(pgpassLine(connection, signed.token));
    case 'json': {
      const { certificateAuthorityFile: sslrootcert, ...rest } = connection;
      const { token: password, expiresAt } = signed;
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

/**
 * One token and nothing else, without a line break: what a client gets that runs a command for its password.
 * @throws UserError
 */
export async function password(options: TokenOptions, remark: (line: string) => void): Promise<Outcome> {
  const target = await resolveTarget(options, remark);
  const signed = await freshToken(target, target.credentials);
  warn(signed.token, options.for, remark);
  return done(signed.token);
}

function warn(text: string, client: string | undefined, remark: (line: string) => void): void {
  const limit = client === undefined ? undefined : TOKEN_LIMITS[client];
  const tooLong = limit && tokenTooLong(text, limit);
  if (tooLong) remark(tooLong);
}
