import { chmodSync, lstatSync, mkdirSync, statSync, unlinkSync } from 'node:fs';
import * as net from 'node:net';
import { dirname } from 'node:path';
import { UserError } from '../clients/error';

/** Where clients come in. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string };

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Bytes that are held for a side that reads slowly, before the other one is slowed down. */
export const HIGH_WATER_MARK = 128 * 1024;

/** As a person writes it. */
export function addressText(address: Address): string {
  if (address.kind === 'socket') return address.path;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

/**
 * Listens. `localhost` is both 127.0.0.1 and ::1, where there is one: a client that is told `localhost` may try either, and
 * nobody else may listen there and ask it for a password.
 * @returns one server, or two; the port that was taken where 0 was asked for
 * @throws UserError if the place is taken, or is none that the owner alone can reach
 */
export async function listen(
  address: Address,
  accept: (socket: net.Socket) => void,
): Promise<{ readonly servers: readonly net.Server[]; readonly address: Address }> {
  if (address.kind === 'socket') return { servers: [await listenOnSocket(address.path, accept)], address };
  const { host } = address;
  const first = await listenOn(
    { host: host === 'localhost' ? '127.0.0.1' : host, port: address.port },
    accept,
    address,
  );
  const { port } = first.address() as net.AddressInfo;
  const taken = { ...address, port };
  if (host !== 'localhost') return { servers: [first], address: taken };
  try {
    return {
      servers: [first, await listenOn({ host: '::1', port, ipv6Only: true }, accept, taken)],
      address: taken,
    };
  } catch (error) {
    if (NO_IPV6.includes(String((error as NodeJS.ErrnoException).code)))
      return { servers: [first], address: taken };
    first.close();
    throw error;
  }
}

const NO_IPV6 = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

function listenOn(
  where: net.ListenOptions,
  accept: (socket: net.Socket) => void,
  shown: Address,
): Promise<net.Server> {
  // A client may say its end and still read: psql with a script from a pipe does.
  const server = net.createServer(
    {
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      highWaterMark: HIGH_WATER_MARK,
    },
    accept,
  );
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new UserError(
              `${addressText(shown)} is taken: end what listens there, or give another place with --listen.`,
            )
          : error.code === 'EACCES'
            ? new UserError(`${addressText(shown)} may not be listened on: ${error.message}.`)
            : error,
      ),
    );
    server.listen({ backlog: 511, ...where }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      resolve(server);
    });
  });
}

/** Of sockaddr_un on macOS; on Linux there are four more. What is longer would be cut off, and listened on elsewhere. */
const LONGEST_PATH = 103;

/** A socket that its owner alone can open, from its first moment on. */
async function listenOnSocket(path: string, accept: (socket: net.Socket) => void): Promise<net.Server> {
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new UserError(
      `${path} is too long for a Unix socket: more than ${LONGEST_PATH} bytes. Choose a shorter folder.`,
    );
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  privateEnough(folder);
  await removeStale(path);
  // The mode of a socket is that of its creation, which happens before listen() returns.
  const before = process.umask(0o177);
  let listening: Promise<net.Server>;
  try {
    listening = listenOn({ path }, accept, { kind: 'socket', path });
  } finally {
    process.umask(before);
  }
  const server = await listening;
  chmodSync(path, 0o600);
  return server;
}

/** In a folder where others may write, somebody could put another socket in its place. */
function privateEnough(folder: string): void {
  const { mode, uid } = statSync(folder);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own && uid !== 0)
    throw new UserError(
      `The folder ${folder} belongs to another user. Choose one of your own, with mode 0700.`,
    );
  if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0)
    throw new UserError(`Others may write in the folder ${folder}. Run: chmod go-w ${folder}`);
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket())
    throw new UserError(`${path} is there, and is no socket. Remove it, or choose another place.`);
  const answered = await new Promise<boolean>((resolve) => {
    const socket = net.connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
  if (answered) throw new UserError(`${path} is taken: another proxy listens there.`);
  unlinkSync(path);
}
