import type * as net from 'node:net';
import type { Coupled } from './couple';
import type { Endpoint, Route } from './routes';

/** A client that has come through, until both sides are gone. */
export interface Session {
  readonly route: Route;
  readonly endpoint: Endpoint;
  readonly login: string;
  readonly client: net.Socket;
  readonly upstream: net.Socket;
  readonly coupled: Coupled;
}

/** How a route has fared. */
export interface RouteState {
  /** Whether its endpoint is known and a token for it can be signed; undefined: not tried yet. */
  usable: boolean | undefined;
  connections: number;
  total: number;
  refused: number;
  lastError: { readonly at: string; readonly message: string } | undefined;
}

const NEW: RouteState = { usable: undefined, connections: 0, total: 0, refused: 0, lastError: undefined };

/** All sessions, the keys by which their queries are cancelled, and how each route has fared. */
export class Sessions {
  readonly open = new Set<Session>();
  readonly #byKey = new Map<string, Set<{ readonly route: Route; readonly endpoint: Endpoint }>>();
  readonly #states = new Map<string, RouteState>();

  /** Of a route by its name, so that it outlives a reload. */
  state({ name }: Route): RouteState {
    const state = this.#states.get(name) ?? { ...NEW };
    this.#states.set(name, state);
    return state;
  }

  /** A connection was refused, or the route is found to be of no use. */
  failed(route: Route, message: string, { refused = true } = {}): void {
    const state = this.state(route);
    if (refused) state.refused += 1;
    state.lastError = { at: new Date().toISOString(), message };
  }

  /** @returns forgets the key */
  addKey(key: Buffer, where: { readonly route: Route; readonly endpoint: Endpoint }): () => void {
    const text = key.toString('latin1');
    const all = this.#byKey.get(text) ?? new Set();
    all.add(where);
    this.#byKey.set(text, all);
    return () => {
      all.delete(where);
      if (all.size === 0) this.#byKey.delete(text);
    };
  }

  /** Where a cancel request goes: two servers may have given out the same key, and each knows its own. */
  byKey(key: Buffer): readonly { readonly route: Route; readonly endpoint: Endpoint }[] {
    return [...(this.#byKey.get(key.toString('latin1')) ?? [])];
  }

  get keys(): number {
    return this.#byKey.size;
  }
}
