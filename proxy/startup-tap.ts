import { errorFields } from '../clients/wire/typed-messages';

/** The process and the secret of a session, by which a client cancels its query. */
export interface CancelKey {
  /** Of the server process, and from protocol 3.2 on up to 256 bytes of secret (before: 4), as they stand in BackendKeyData. */
  readonly bytes: Buffer;
}

/** More than a server says between AuthenticationOk and its first ReadyForQuery; a message that is longer is not kept. */
const MAXIMUM_KEPT = 16_384;

/**
 * Looks at what a server says between AuthenticationOk and the first ReadyForQuery, without holding it up: the cancel
 * key, and an error in the place of a session.
 */
export class StartupTap {
  #held = Buffer.alloc(0);
  #skip = 0;
  #done = false;

  constructor(
    private readonly seen: {
      readonly key: (key: CancelKey) => void;
      readonly error: (fields: ReadonlyMap<string, string>) => void;
      readonly ready: () => void;
    },
  ) {}

  /** @returns whether the server has been ready before the end of this chunk */
  see(chunk: Buffer): boolean {
    if (this.#done) return true;
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      bytes = bytes.subarray(skipped);
      if (bytes.length < 5) break;
      const end = bytes.readInt32BE(1) + 1;
      if (end < 5) {
        this.#done = true;
        break;
      }
      if (end > MAXIMUM_KEPT) this.#skip = end;
      else if (bytes.length < end) break;
      else {
        this.#message(bytes[0], bytes.subarray(5, end));
        this.#skip = end;
        if (this.#done) break;
      }
    }
    // A copy: the chunk itself is 64 kB.
    this.#held = this.#done ? Buffer.alloc(0) : Buffer.from(bytes);
    return this.#done;
  }

  #message(type: number | undefined, body: Buffer): void {
    if (type === 0x4b /* K */) this.seen.key({ bytes: Buffer.from(body) });
    else if (type === 0x45 /* E */) this.seen.error(errorFields(body));
    else if (type === 0x5a /* Z */) {
      this.#done = true;
      this.seen.ready();
    }
  }
}
