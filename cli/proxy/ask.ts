import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../clients/error';
import { oneLine, plural } from '../../modules/names/text';
import { askProxy } from '../../proxy/control';
import type { Address } from '../../proxy/listen';
import type { Status } from '../../proxy/proxy';
import { done, EXIT, type Outcome } from '../outcome';
import type { ProxyCommandOptions } from './options';

/** The socket by which a proxy is asked that listens there. */
export function controlSocket(folder: string, first: Address | undefined): string {
  // Short: the path of a socket has 103 bytes.
  const name =
    first?.kind === 'tcp'
      ? String(first.port)
      : createHash('sha256')
          .update(first?.path ?? '')
          .digest('hex')
          .slice(0, 8);
  return join(folder, `proxy-${name}.sock`);
}

/** How the running proxies are. Exits with 1 if one is not ready. @throws UserError if none runs */
export async function askForStatus(options: ProxyCommandOptions, folder: string): Promise<Outcome> {
  const all: Status[] = [];
  for (const socket of sockets(options, folder)) {
    const answer = await askProxy(socket, { path: '/status' });
    if (answer?.status === 200) all.push(JSON.parse(answer.body) as Status);
  }
  if (all.length === 0) throw new UserError('No proxy of yours runs here.');
  const text = options.json
    ? all.map((each) => `${JSON.stringify(each)}\n`).join('')
    : all.map(statusText).join('\n');
  return { text, exit: all.every(({ ready }) => ready) ? EXIT.done : EXIT.found };
}

/** Tells the one that runs to drain. @throws UserError */
export async function askForDrain(options: ProxyCommandOptions, folder: string): Promise<Outcome> {
  const asked: string[] = [];
  for (const socket of sockets(options, folder))
    if ((await askProxy(socket, { path: '/livez' }))?.status === 200) asked.push(socket);
  const [only, ...others] = asked;
  if (only === undefined) throw new UserError('No proxy of yours runs here.');
  if (others.length > 0)
    throw new UserError(`Several proxies run: say which one with --control ${asked.join(' or ')}.`);
  const answer = await askProxy(only, { method: 'POST', path: '/drain' });
  if (answer?.status !== 202) throw new UserError('The proxy does not answer.');
  return done('draining\n');
}

function sockets({ control }: ProxyCommandOptions, folder: string): readonly string[] {
  if (control !== undefined) return [control];
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^proxy-.*\.sock$/.test(name))
    .map((name) => join(folder, name));
}

function statusText({ state, ready, connections, listening, routes }: Status): string {
  const head = `${listening.join(', ')}: ${ready ? 'ready' : state === 'draining' ? state : 'not ready'}, ${plural(connections, 'connection')}`;
  const rows = routes.map(({ name, usable, connections: open, total, refused, lastError }) => {
    const word = usable === true ? 'usable' : usable === false ? 'not usable' : 'not tried yet';
    const last = lastError ? `; last error ${lastError.at}: ${oneLine(lastError.message)}` : '';
    return `  ${name}: ${word}, ${open} open, ${total} in all, ${refused} refused${last}`;
  });
  return `${[head, ...rows].join('\n')}\n`;
}
