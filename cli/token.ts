import { freshToken } from '../clients/aws/token';
import { TOKEN_LIMITS, tokenTooLong } from '../modules/iam/token-limits';
import type { WayOptions } from './client-connection';
import { done, type Outcome } from './outcome';
import { resolveTarget, type Target, type TargetOptions } from './target';
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
  const sign = () => signed(target, options, remark);
  if (format === 'raw') return done(`${(await sign()).token}\n`);
  // Clients that run this command for a password wait for it: they load no more than they need.
  const { connectionWithToken } = await import('./connection-with-token');
  return connectionWithToken(format, target, options, sign);
}

/**
 * One token and nothing else, without a line break: what a client gets that runs a command for its password.
 * @throws UserError
 */
export async function password(options: TokenOptions, remark: (line: string) => void): Promise<Outcome> {
  return done((await signed(await resolveTarget(options, remark), options, remark)).token);
}

async function signed(target: Target, options: TokenOptions, remark: (line: string) => void) {
  const fresh = await freshToken(target, target.credentials);
  const limit = options.for === undefined ? undefined : TOKEN_LIMITS[options.for];
  const tooLong = limit && tokenTooLong(fresh.token, limit);
  if (tooLong) remark(tooLong);
  return fresh;
}
