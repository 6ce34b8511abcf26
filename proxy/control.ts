import * as http from 'node:http';
import type * as net from 'node:net';
import { type Address, listen } from './listen';
import type { Status } from './proxy';

export interface Controlled {
  readonly status: () => Status;
  /** Begins to drain. */
  readonly drain: () => void;
}

/**
 * Answers over HTTP how the proxy is: `/livez`, `/readyz`, `/status`. On the owner's Unix socket it also takes `POST /drain`.
 * A web page gets nothing: its Host is a name, which may lead anywhere (DNS rebinding), and no header lets it read an answer.
 * @throws UserError if the place is taken
 */
export async function listenForControl(
  address: Address,
  controlled: Controlled,
): Promise<{ readonly address: Address; close(): void }> {
  const mayDrain = address.kind === 'socket';
  const server = http.createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const { status, body } = answerTo(request, { ...controlled, mayDrain });
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
    response.end(typeof body === 'string' ? `${body}\n` : `${JSON.stringify(body)}\n`);
  });
  server.maxConnections = 50;
  const listening = await listen(address, (socket: net.Socket) => {
    socket.on('error', () => {});
    server.emit('connection', socket);
  });
  return {
    address: listening.address,
    close() {
      for (const each of listening.servers) each.close();
      server.closeAllConnections();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: string | object;
}

function answerTo(
  { method, url, headers }: http.IncomingMessage,
  { status, drain, mayDrain }: Controlled & { readonly mayDrain: boolean },
): Answer {
  if (headers.origin !== undefined || !isLiteral(headers.host))
    return { status: 403, body: 'Only programs of this machine are answered.' };
  if (method === 'POST' && url === '/drain' && mayDrain) {
    drain();
    return { status: 202, body: 'draining' };
  }
  if (method !== 'GET') return { status: 405, body: 'Only GET is answered.' };
  const now = status();
  switch (url) {
    case '/livez':
      return { status: 200, body: 'live' };
    case '/readyz':
      return now.ready
        ? { status: 200, body: 'ready' }
        : { status: 503, body: now.state === 'draining' ? 'draining' : 'no target can be used' };
    case '/status':
      return { status: 200, body: now };
    default:
      return { status: 404, body: 'There is /livez, /readyz and /status.' };
  }
}

/** `localhost` or an address, with a port or without: no name that somebody could point here. */
function isLiteral(host: string | undefined): boolean {
  return /^(localhost|\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\])(:\d{1,5})?$/i.test(host ?? '');
}

/** Asks a running proxy at its Unix socket. @returns undefined if none answers there */
export function askProxy(
  socketPath: string,
  { method = 'GET', path }: { readonly method?: 'GET' | 'POST'; readonly path: string },
): Promise<{ readonly status: number; readonly body: string } | undefined> {
  return new Promise((resolve) => {
    const request = http.request({
      socketPath,
      path,
      method,
      headers: { host: 'localhost' },
      timeout: 5_000,
    });
    request.on('error', () => resolve(undefined));
    request.on('timeout', () => request.destroy());
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.end();
  });
}
