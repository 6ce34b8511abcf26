import { UserError } from '../clients/error';
import { known } from '../modules/diagnosis/facts';
import { unknownFacts } from '../modules/diagnosis/unknown-facts';
import { DOCTOR_EXIT } from './doctor/exit';
import type { Outcome } from './outcome';
import { readInput } from './read-input';

export interface DoctorOptions {
  readonly env?: string | undefined;
  readonly user?: string | undefined;
  readonly host?: string;
  readonly port?: number;
  readonly region?: string;
  readonly database?: string;
  /** Key of a target of the environment. */
  readonly target?: string;
  readonly reader?: boolean;
  /** `host:port` of a tunnel. */
  readonly through?: string;
  /** PEM file of the authorities to trust instead of those of RDS. */
  readonly ca?: string;
  readonly profile?: string;
  /** The role that is to sign. */
  readonly role?: string;
  /** A principal that an administrator asks about: nothing is assumed, signed or tried. */
  readonly as?: string;
  /** A database user that looks inside PostgreSQL. */
  readonly lookAs?: string;
  readonly replication?: boolean;
  /** `-`: standard input; else a file. */
  readonly token?: string;
  /** What a client has said. */
  readonly message?: string;
  readonly json?: boolean;
}

/** Why a login is refused. Reads only; prints nothing secret. */
export async function doctor(options: DoctorOptions): Promise<Outcome> {
  try {
    const named = options.env !== undefined || options.host !== undefined;
    const token = options.token === undefined ? undefined : await readInput(options.token);
    if (token !== undefined && !named) return await explainToken(token, options);
    if (options.message !== undefined && !named) return await explainMessage(options.message, options);
    const { examine } = await import('./doctor/examine');
    return await examine(options, token);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { text: '', error: error.message, exit: DOCTOR_EXIT.notLooked };
  }
}

/** Loaded for itself: a token is explained in the time that Node needs to start. */
async function explainToken(given: string, { user, json }: DoctorOptions): Promise<Outcome> {
  const { tokenFindings, tokenJson, tokenText } = await import('../modules/diagnosis/token-answer');
  const { readTokenLeniently } = await import('../modules/diagnosis/token-reading');
  const facts = {
    ...unknownFacts(new Date(), 'only the token was given'),
    asked: { user, database: 'postgres', replication: false, ownToken: true },
    token: known(readTokenLeniently(given)),
  };
  const findings = tokenFindings(facts);
  return {
    text: (json ? tokenJson : tokenText)(findings, facts),
    exit: findings.length > 0 ? DOCTOR_EXIT.cause : DOCTOR_EXIT.healthy,
  };
}

async function explainMessage(message: string, { json }: DoctorOptions): Promise<Outcome> {
  const { messageJson, messageText } = await import('../modules/diagnosis/message-answer');
  const { causesOf } = await import('../modules/diagnosis/explains');
  const { seenInOutput } = await import('../modules/diagnosis/seen');
  const seen = seenInOutput(message);
  return {
    text: (json ? messageJson : messageText)(seen),
    // One cause alone is found; of several, the login has to be looked at.
    exit: causesOf(seen).length === 1 ? DOCTOR_EXIT.cause : DOCTOR_EXIT.unexplained,
  };
}
