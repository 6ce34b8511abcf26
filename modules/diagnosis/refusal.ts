import type { RuleId } from '../findings/catalogue';
import { doctorCommand } from '../names/commands';
import { readEndpoint } from '../names/endpoint';
import { oneLine } from '../names/text';
import { capital } from './answer-lines';
import { diagnose } from './diagnose';
import { type AskedEnvironment, known, notKnown, type Signer } from './facts';
import { MESSAGES } from './messages/messages';
import { type Seen, seenIn } from './seen';
import { readTokenLeniently } from './token-reading';
import { unknownFacts } from './unknown-facts';

/** What is at hand where a login has just been refused. Nothing is asked for it. */
export interface AtHand {
  readonly now: Date;
  readonly user: string;
  readonly database: string;
  /** What the token is signed for. */
  readonly host: string;
  readonly port: number;
  readonly region: string;
  /** That was sent. It is read here and not shown. */
  readonly token: string;
  /** Who signed, as far as it is known. */
  readonly signer?: Signer;
  readonly environment?: AskedEnvironment;
}

/** For a person, or as DETAIL and HINT of an error of PostgreSQL. One line each. */
export interface RefusalHelp {
  /** Undefined: what is at hand does not tell it. */
  readonly cause: RuleId | undefined;
  /** Who signed, and what is so. */
  readonly detail: string;
  /** What mends it, or the one command that finds out. */
  readonly hint: string;
}

/** What can be said of a refusal at once. @param refusal as the server has sent it */
export function refusalHelp(
  refusal: { readonly message: string; readonly sqlstate?: string | undefined },
  atHand: AtHand,
): RefusalHelp {
  const seen = seenIn(refusal.message, refusal.sqlstate);
  const why = 'was not looked at';
  const { user, database, environment, host, port, region, signer } = atHand;
  const { cause } = diagnose({
    ...unknownFacts(atHand.now, why),
    asked: { user, database, replication: false, ownToken: false, ...(environment ? { environment } : {}) },
    endpoint: known({
      given: host,
      alias: false,
      endpoint: readEndpoint(host),
      port,
      region,
      regionGiven: region,
    }),
    signer: signer ? known(signer) : notKnown(why),
    token: known(readTokenLeniently(atHand.token)),
    tried: known(seen),
  });
  const who = signerOf(atHand);
  const command = doctorCommand({ environment: environment?.name, host, port, user });
  if (cause)
    return {
      cause: cause.rule as RuleId,
      detail: oneLine(
        cause.where === who
          ? `${who} ${cause.message}.`
          : `Signed as ${who}. ${capital(cause.where)} ${cause.message}.`,
      ),
      hint: oneLine(cause.wayOut ?? command),
    };
  return {
    cause: undefined,
    detail: oneLine(`Signed as ${who}${letsWords(atHand)}.${provesWords(seen)}`),
    hint: oneLine(`To find the cause: ${command}`),
  };
}

function signerOf({ signer, token }: AtHand): string {
  const key = /X-Amz-Credential=([A-Z0-9_]{16,128})(?:%2F|\/)/.exec(token)?.[1];
  return signer?.caller?.arn ?? `access key ${signer?.accessKeyId ?? key ?? 'unknown'}`;
}

function letsWords({ user, environment }: AtHand): string {
  const meant = environment?.principals.map(({ key, identity }) =>
    identity === undefined ? key : `${key} (${identity})`,
  );
  return meant === undefined || meant.length === 0
    ? ''
    : `; environment ${environment?.name} lets ${meant.join(', ')} connect as ${user}`;
}

/** In plain text: what the catalogue says in Markdown. */
function provesWords(seen: Seen): string {
  const message = MESSAGES.find(({ kind }) => kind === seen.kind);
  return message ? ` ${message.proves.replaceAll('`', '')}` : '';
}
