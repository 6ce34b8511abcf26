import { readToken, TokenError, type TokenParts } from '../iam/token';

/**
 * A text that should be a token, read as leniently as possible: what happened to it on its way is undone step by step and told, and
 * what is left is taken apart. It holds neither the signature nor the session token.
 */
export interface TokenReading {
  /** Of the token itself, after everything around it was taken away. */
  readonly length: number;
  /** What was done to the text on its way, in the order in which it was undone. */
  readonly damage: readonly Damage[];
  /** Undefined: the text is not a token, or is too damaged. */
  readonly parts: SafeTokenParts | undefined;
  /** Why the repaired text is still not a whole token; one line, nothing secret. */
  readonly fault: string | undefined;
  /** The parameters that are there, as far as they may be shown. */
  readonly shown: readonly { readonly name: string; readonly value: string }[];
  /** Nothing like a token: no `?Action=`, no `X-Amz-`. */
  readonly isOther: boolean;
}

/** Without what is secret. */
export type SafeTokenParts = Omit<TokenParts, 'signature' | 'securityToken'> & {
  /** Characters; undefined: none, as with a long-term key. */
  readonly securityTokenLength: number | undefined;
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes */
export function byTemporaryKey({ accessKeyId }: SafeTokenParts): boolean {
  return accessKeyId.startsWith('ASIA');
}

export interface Damage {
  /**
   * `encoding`: percent-encoded once more, or once less, than it was made. `form`: quotes, line breaks and the like, which a client
   * sends as they are. `wrapping`: no fault in itself: the text holds the token as it should stand there.
   */
  readonly kind: 'encoding' | 'form' | 'wrapping';
  /** What is so, said of the token. */
  readonly message: string;
  readonly wayOut: string;
}

/** A repair takes one kind of damage away; undefined where there is none of it. */
type Repair = (text: string) => { readonly text: string; readonly damage: Damage } | undefined;

const AS_IT_IS = 'pass it on exactly as it was made';

const assignment: Repair = (text) => {
  const [, name, rest] =
    /^\s*(?:export\s+|set\s+|\$env:)?(PGPASSWORD|TOKEN|PASSWORD)\s*=\s*(.+)$/is.exec(text) ?? [];
  if (name === undefined || rest === undefined) return undefined;
  const bare = rest.replace(/^(['"])(.*)\1\s*$/s, '$2');
  return {
    text: bare,
    damage: {
      kind: 'wrapping',
      message: `stands in an assignment to ${name}`,
      wayOut: 'the assignment was left out here',
    },
  };
};

const uri: Repair = (text) => {
  const [, password] = /^\s*postgres(?:ql)?:\/\/[^:/?#\s]*:(.+)@[^@]*$/is.exec(text) ?? [];
  if (password === undefined) return undefined;
  const raw = /\?Action=/i.test(password);
  if (raw)
    return {
      text: password,
      damage: {
        kind: 'encoding',
        message: 'stands in a connection URI as it is, so its ? and & end the password there',
        wayOut: 'percent-encode the token in the URI: aurora-iam token --format uri',
      },
    };
  return {
    text: decodedOnce(password),
    damage: {
      kind: 'wrapping',
      message: 'stands percent-encoded in a connection URI, as it must',
      wayOut: 'it was decoded once here',
    },
  };
};

const whiteSpace: Repair = (text) => {
  // The shell adds one line break to what it prints: `echo "$token" | …`.
  const once = text.replace(/\r?\n$/, '');
  const bare = once.trim();
  if (bare === text) return undefined;
  if (bare === once)
    return {
      text: bare,
      damage: {
        kind: 'wrapping',
        message: 'ends with one line break, which a shell adds when it prints',
        wayOut: 'the client must not send it: take $(…), which drops it, or trim what is read from a file',
      },
    };
  return {
    text: bare,
    damage: {
      kind: 'form',
      message: 'begins or ends with white space, or with several line breaks',
      wayOut: 'trim it',
    },
  };
};

const quotes: Repair = (text) => {
  const bare = text.replace(/^(['"`]+|\\")|(['"`]+|\\")$/g, '');
  return bare === text
    ? undefined
    : {
        text: bare,
        damage: {
          kind: 'form',
          message: 'stands in quotes, which the client sends as part of it',
          wayOut: 'leave the quotes out; jq prints without them with -r, and the AWS CLI with --output text',
        },
      };
};

const escapedAmpersand: Repair = (text) => {
  const bare = text.replace(/\\u0026|&amp;/gi, '&');
  return bare === text
    ? undefined
    : {
        text: bare,
        damage: {
          kind: 'form',
          message: 'has its & written as \\u0026 or &amp;, as JSON or HTML escapes it',
          wayOut: 'read it with a JSON parser, and not as text',
        },
      };
};

const scheme: Repair = (text) => {
  const bare = text.replace(/^https?:\/\//i, '');
  return bare === text
    ? undefined
    : {
        text: bare,
        damage: {
          kind: 'form',
          message: 'begins with https://, as the signed URL does before it becomes a token',
          wayOut: 'take the scheme away: a token begins with the host',
        },
      };
};

const lineBreaks: Repair = (text) => {
  const bare = text.replace(/\s+/g, '');
  return bare === text || !bare.includes('X-Amz-')
    ? undefined
    : {
        text: bare,
        damage: {
          kind: 'form',
          message: 'has white space or line breaks inside',
          wayOut: 'copy it as one line; a terminal or an editor has wrapped it',
        },
      };
};

/** A token as it is made has its escapes only in the values: its own ? and & stand bare. */
const encodedAgain: Repair = (text) => {
  if (!/%3F(?:%25)*Action%3D|%253F|%3FAction|%26X-Amz|X-Amz-Credential=[^&]*%25/i.test(text))
    return undefined;
  const bare = decodedOnce(text);
  return bare === text
    ? undefined
    : {
        text: bare,
        damage: {
          kind: 'encoding',
          message: 'is percent-encoded once more than it was made',
          wayOut: `do so only where it stands in a URI; in a password field, in PGPASSWORD and in a driver's password option ${AS_IT_IS}`,
        },
      };
};

const decodedAlready: Repair = (text) => {
  const credential = /X-Amz-Credential=[^&]*\/[^&]*/.exec(text);
  if (!credential) return undefined;
  return {
    text: encodedValues(text),
    damage: {
      kind: 'encoding',
      message: 'was percent-decoded on its way: the / of X-Amz-Credential stand bare',
      wayOut: `${AS_IT_IS}, without decoding it`,
    },
  };
};

const REPAIRS: readonly Repair[] = [
  assignment,
  uri,
  whiteSpace,
  quotes,
  escapedAmpersand,
  scheme,
  encodedAgain,
  lineBreaks,
  decodedAlready,
];

/** More than any text needs; each repair may lay bare what another one mends. */
const MOST_REPAIRS = 12;

export function readTokenLeniently(given: string): TokenReading {
  const damage: Damage[] = [];
  let text = given;
  for (let round = 0; round < MOST_REPAIRS; round++) {
    const repaired = REPAIRS.map((repair) => repair(text)).find((each) => each !== undefined);
    if (!repaired) break;
    if (!damage.some(({ message }) => message === repaired.damage.message)) damage.push(repaired.damage);
    text = repaired.text;
  }
  return {
    length: Buffer.byteLength(text),
    damage,
    shown: shownParameters(text),
    isOther: isOther(text),
    ...strictly(text),
  };
}

function isOther(text: string): boolean {
  return !/[?&]Action=|X-Amz-/i.test(text);
}

function strictly(text: string): Pick<TokenReading, 'parts' | 'fault'> {
  try {
    const { signature: _, securityToken, ...parts } = readToken(text);
    return { parts: { ...parts, securityTokenLength: securityToken?.length }, fault: undefined };
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return { parts: undefined, fault: error.message };
  }
}

/** What each may look like: another value may be a piece of a secret that has slipped there. */
const SHOWN: Readonly<Record<string, RegExp>> = {
  Action: /^\w{1,20}$/,
  DBUser: /^.{1,63}$/su,
  'X-Amz-Algorithm': /^[A-Z0-9-]{1,24}$/,
  'X-Amz-Credential': /^\w{16,128}(\/[\w-]{1,32}){0,4}$/,
  'X-Amz-Date': /^[\dTZ]{1,16}$/,
  'X-Amz-Expires': /^\d{1,9}$/,
  'X-Amz-SignedHeaders': /^[a-z;-]{1,60}$/,
};
const HIDDEN: Readonly<Record<string, (length: number) => string>> = {
  'X-Amz-Security-Token': (length) => `${length} characters (secret, not shown)`,
  'X-Amz-Signature': (length) =>
    length === 64
      ? '64 characters (secret, not shown)'
      : `${length} characters instead of 64 (secret, not shown)`,
};

/** Host, port, and the parameters that every token has. What else there is may be a piece of a secret, and is not shown. */
function shownParameters(text: string): TokenReading['shown'] {
  const [, host, port, query] = /^([A-Za-z0-9.-]{1,255}):(\d{1,5})\/?\?(.*)$/s.exec(text) ?? [];
  if (host === undefined || port === undefined || query === undefined) return [];
  const pairs = query.split('&').map((pair) => {
    const [name = '', ...rest] = pair.split('=');
    return { name, value: rest.join('=') };
  });
  return [
    { name: 'host', value: host },
    { name: 'port', value: port },
    ...pairs.flatMap(({ name, value }) => {
      const hide = Object.hasOwn(HIDDEN, name) ? HIDDEN[name] : undefined;
      if (hide) return [{ name, value: hide(decodedOnce(value).length) }];
      const form = Object.hasOwn(SHOWN, name) ? SHOWN[name] : undefined;
      if (!form) return [];
      const plain = decodedOnce(value);
      return [
        {
          name,
          value: form.test(plain) ? plain : `${plain.length} characters that do not belong there (not shown)`,
        },
      ];
    }),
  ];
}

function decodedOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A cut escape at the end: everything before it can be read.
    const whole = text.replace(/%[0-9a-f]?$/i, '');
    return whole === text ? text : decodedOnce(whole);
  }
}

function encodedValues(text: string): string {
  return text.replace(
    /([?&][^=&]+=)([^&]*)/g,
    (_, name: string, value: string) => name + encodeURIComponent(decodedOnce(value)),
  );
}

/** For `--json`: what may be shown, and nothing that a damaged token may have in an unexpected place. */
export function shownToken({ length, damage, fault, shown }: TokenReading): object {
  return { length, damage, fault, parameters: shown };
}
