import type * as net from 'node:net';
import { fatalError } from '../../clients/wire/messages';

/** How long a peer that was told the end may take to notice, without a byte from it. */
const FAREWELL_MILLISECONDS = 5_000;

/** Ends a connection with an error, as PostgreSQL would. */
export function refuse(stream: net.Socket, sqlstate: string, message: string): void {
  stream.write(fatalError(sqlstate, message));
  sayGoodbye(stream);
}

/** Ends a connection so that the peer can still read what was sent: to destroy it now could throw that away. */
export function sayGoodbye(socket: net.Socket): void {
  socket.resume().setTimeout(FAREWELL_MILLISECONDS, () => socket.destroy());
  socket.end();
}
