import type * as net from 'node:net';
import type { StartupTap } from './startup-tap';

/** A session that is piped. */
export interface Coupled {
  /**
   * The server waits for a query, outside of a transaction, as far as it can be seen from outside. Where a client has sent
   * several at once, nobody counts the answers: then only after half a minute of silence.
   */
  isIdle(): boolean;
}

export interface CoupleOptions {
  /** Sees what the server says until it is ready for the first query. */
  readonly tap: StartupTap;
  /** The client was not asked for a password: one that it sends all the same is dropped. */
  readonly dropPassword: boolean;
  /** Once both sides are gone. */
  readonly onEnd: () => void;
}

/** After it, the answers to all that was sent have come. */
const SILENCE_MILLISECONDS = 30_000;

/** How long a peer that was told the end may take to notice. */
const FAREWELL_MILLISECONDS = 5_000;

/**
 * Pipes both ways, bytes already read included. Nothing is parsed after the first ReadyForQuery; whoever reads slowly
 * slows the other side down. When one side says its end, the other one is told so, and may still finish.
 */
export function couple(client: net.Socket, upstream: net.Socket, options: CoupleOptions): Coupled {
  const { tap } = options;
  /** Status of the last ReadyForQuery, while nothing has come after it. */
  let ready: number | undefined;
  let readySince = 0;
  let ahead = false;
  let started = false;
  let unasked = options.dropPassword ? dropUnaskedPassword() : undefined;
  let open = 2;
  const ended = () => {
    open -= 1;
    if (open === 0) options.onEnd();
  };
  pump(upstream, client, (chunk) => {
    started ||= tap.see(chunk);
    ready = started ? readyAtTheEnd(chunk) : undefined;
    if (ready !== undefined) readySince = Date.now();
    return chunk;
  });
  pump(client, upstream, (chunk) => {
    ahead = ready === undefined || asksMoreThanOnce(chunk);
    ready = undefined;
    if (!unasked) return chunk;
    const rest = unasked(chunk);
    if (rest) unasked = undefined;
    return rest;
  });
  upstream.on('close', () => {
    sayGoodbye(client);
    ended();
  });
  // What the client sent last must arrive; what the server still has to say has no reader any more.
  client.on('close', () => {
    sayGoodbye(upstream);
    ended();
  });
  if (client.destroyed) sayGoodbye(upstream);
  if (upstream.destroyed) sayGoodbye(client);
  return {
    isIdle: () => ready === OUTSIDE && (!ahead || Date.now() - readySince > SILENCE_MILLISECONDS),
  };
}

/** A chunk of this size is one of many: PostgreSQL fills 8 kB before it sends. */
const MANY_BYTES = 4_096;

/** `through` may keep a chunk back. */
function pump(from: net.Socket, to: net.Socket, through: (chunk: Buffer) => Buffer | undefined): void {
  let gathering = false;
  const send = () => {
    gathering = false;
    to.uncork();
  };
  from.on('data', (chunk: Buffer) => {
    const passed = through(chunk);
    if (!passed) return;
    // All that came at once goes out at once: to write costs more than all else that is done here.
    if (passed.length >= MANY_BYTES && !gathering) {
      gathering = true;
      to.cork();
      setImmediate(send);
    }
    if (!to.write(passed)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => {
    if (!to.writableEnded) to.end();
  });
  from.resume();
}

/** Ends a connection so that the peer can still read what was sent: to destroy it now could throw that away. */
export function sayGoodbye(socket: net.Socket): void {
  if (socket.destroyed) return;
  socket.resume().setTimeout(FAREWELL_MILLISECONDS, () => socket.destroy());
  if (!socket.writableEnded) socket.end();
}

/** Whether more than one ReadyForQuery will answer it: each Query, Sync and FunctionCall has one. @param chunk begins with a message */
function asksMoreThanOnce(chunk: Buffer): boolean {
  let asked = 0;
  for (let at = 0; at + 5 <= chunk.length; at += chunk.readUInt32BE(at + 1) + 1) {
    const type = chunk[at];
    if (type === 0x51 /* Q */ || type === 0x53 /* S */ || type === 0x46 /* F */) asked += 1;
    if (asked > 1) return true;
  }
  return false;
}

/** The status of ReadyForQuery outside of a transaction: `I`. */
const OUTSIDE = 0x49;

/** ReadyForQuery is the last that a server says before it waits: `Z`, 5, and a status. @returns the status */
function readyAtTheEnd(chunk: Buffer): number | undefined {
  const at = chunk.length - 6;
  return at >= 0 && chunk[at] === 0x5a && chunk.readUInt32BE(at + 1) === 5 ? chunk[at + 5] : undefined;
}

/** @returns a filter that hands out nothing until it knows what the client began with, and then all but a password */
function dropUnaskedPassword(): (chunk: Buffer) => Buffer | undefined {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (held[0] !== 0x70 /* p */) return held;
    if (held.length < 5) return undefined;
    const end = held.readInt32BE(1) + 1;
    // No password is so long: PostgreSQL says what is wrong with it.
    if (end < 5 || end > 65_540) return held;
    return held.length > end ? held.subarray(end) : undefined;
  };
}
