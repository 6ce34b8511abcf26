import type { Dialer } from './dialer';
import type { Log } from './log';
import type { Route } from './routes';
import { messageOf } from './serve';
import type { Sessions } from './sessions';

/** How often a route that cannot be used is tried again. */
const AGAIN_MILLISECONDS = 10_000;

/**
 * Finds out, before the first connection and again while it fails, whether each route can be used: where it leads, and whether there
 * are credentials to sign with. One route that fails stops no other.
 */
export function watchRoutes(
  routes: () => readonly Route[],
  { dialer, sessions, log }: { readonly dialer: Dialer; readonly sessions: Sessions; readonly log: Log },
): { look(): void; stop(): void } {
  const looking = new Set<string>();
  const tryOne = async (route: Route) => {
    if (looking.has(route.name)) return;
    looking.add(route.name);
    const { usable, lastError } = sessions.state(route);
    const before = lastError?.message;
    try {
      const endpoint = await dialer.resolve(route);
      await dialer.token(route, endpoint, route.logins?.[0] ?? 'nobody');
      // Only where it failed: a server logs each connection that says nothing.
      if (usable === false) (await dialer.dial(route, endpoint)).destroy();
      if (sessions.state(route).usable === false)
        log({ level: 'info', event: 'usable-again', route: route.name });
      sessions.state(route).usable = true;
    } catch (error) {
      const message = messageOf(error);
      sessions.state(route).usable = false;
      sessions.failed(route, message, { refused: false });
      // Once for each reason, not every ten seconds.
      if (message !== before) log({ level: 'warn', event: 'unusable', route: route.name, message });
    } finally {
      looking.delete(route.name);
    }
  };
  const look = () => {
    for (const route of routes()) if (sessions.state(route).usable !== true) void tryOne(route);
  };
  const timer = setInterval(look, AGAIN_MILLISECONDS);
  look();
  return { look, stop: () => clearInterval(timer) };
}
