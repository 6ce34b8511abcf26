import { homedir } from 'node:os';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { UserError } from '../../clients/error';
import type { Address } from '../../proxy/listen';

/** PostgreSQL's is 5432, and may be taken. */
const DEFAULT_PORT = 6432;

/** `6432`, `127.0.0.1:6432`, `[::1]:6432`, or the folder of a Unix socket. @throws UserError */
export function parseListen(text: string, option = '--listen'): Address {
  if (text.includes('/')) {
    const path = resolve(text);
    // As libpq looks for it: psql -h <folder> needs no port.
    return {
      kind: 'socket',
      path: /^\.s\.PGSQL\.\d+$/.test(basename(path)) ? path : join(path, '.s.PGSQL.5432'),
    };
  }
  const [, bracketed, plain, digits = ''] =
    /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535)
    throw new UserError(
      `${option} ${text} is no place to listen on; write a port (6432), an address and a port (127.0.0.1:6432), or a folder (/run/user/1000/aurora-iam).`,
    );
  return { kind: 'tcp', host: bracketed ?? plain ?? 'localhost', port };
}

export const DEFAULT_ADDRESS: Address = { kind: 'tcp', host: 'localhost', port: DEFAULT_PORT };

/** What one argument of the command asks for. */
export interface Served {
  readonly environment: string;
  /** Undefined: every way there is. */
  readonly way: { readonly target?: string; readonly reader?: boolean } | undefined;
  /** Undefined: where all are served. */
  readonly address: Address | undefined;
}

/** `<env>[.<target>][.readers][=<place>]`. @throws UserError */
export function parseServed(text: string): Served {
  const [, environment, rest = '', place] =
    /^([a-z0-9][a-z0-9-]*)((?:\.[A-Za-z0-9_-]+){0,2})(?:=(.+))?$/.exec(text) ?? [];
  const [first, second] = rest.split('.').slice(1);
  if (environment === undefined || (second !== undefined && second !== 'readers'))
    throw new UserError(
      `${text} is nothing that can be served; write an environment (prod), with a way into it (prod.readers, prod.frankfurt), and with a place of its own (prod.readers=6433).`,
    );
  const reader = first === 'readers' || second === 'readers';
  const target = first === 'readers' ? undefined : first;
  return {
    environment,
    way:
      first === undefined
        ? undefined
        : { ...(target === undefined ? {} : { target }), ...(reader ? { reader } : {}) },
    address: place === undefined ? undefined : parseListen(place, `${environment}=`),
  };
}

/** Where this user's files of the proxy are. @param variables of the process */
export function filesIn(variables: NodeJS.ProcessEnv): {
  readonly verifier: string;
  readonly certificate: string;
  readonly key: string;
  /** Of the sockets by which a running proxy is asked. */
  readonly sockets: string;
} {
  const absolute = (folder: string | undefined) =>
    folder !== undefined && isAbsolute(folder) ? folder : undefined;
  // https://specifications.freedesktop.org/basedir-spec/latest/
  const folder = join(absolute(variables['XDG_CONFIG_HOME']) ?? join(homedir(), '.config'), 'aurora-iam');
  const runtime = absolute(variables['XDG_RUNTIME_DIR']);
  return {
    verifier: join(folder, 'proxy-verifier'),
    certificate: join(folder, 'proxy-certificate.pem'),
    key: join(folder, 'proxy-key.pem'),
    sockets: runtime === undefined ? join(folder, 'run') : join(runtime, 'aurora-iam'),
  };
}
