import type { CredentialOptions } from '../clients/aws/credentials';
import { isLoginName } from '../modules/names/postgresql';

/** One way into databases: where it leads, and who may take it. */
export interface Route {
  /** `prod`, `prod.readers`, `prod.frankfurt`: unique, and without a tilde. */
  readonly name: string;
  /** Taken by logins that name no route. */
  readonly isDefault: boolean;
  /** Undefined: any. */
  readonly logins: readonly string[] | undefined;
  /** Databases by which the same login of two routes is told apart. Never a limit: PostgreSQL decides. */
  readonly databases: readonly string[];
  readonly to: Destination;
  /** Who signs. */
  readonly credentials: CredentialOptions;
  /** `host:port` of a tunnel, dialled instead of the endpoint. */
  readonly through: { readonly host: string; readonly port: number } | undefined;
  /** PEM of the authorities to trust. Undefined: those of RDS. */
  readonly certificateAuthority: string | undefined;
}

/** Known at once, or asked of AWS when somebody first connects. */
export type Destination =
  | { readonly kind: 'endpoint'; readonly host: string; readonly port: number; readonly region: string }
  | { readonly kind: 'looked-up'; readonly lookUp: () => Promise<Endpoint> };

export interface Endpoint {
  /** In small letters: the certificate carries it, and the token is signed for it. */
  readonly host: string;
  readonly port: number;
  readonly region: string;
}

export type Found =
  | { readonly route: Route; readonly login: string }
  | { readonly refusal: { readonly message: string; readonly hint: string } };

/** Between a login and the name of a route. No login has one, no client or URI needs it escaped. */
export const ROUTE_SEPARATOR = '~';

/** Which route a client means: by the route that it names (`orders_api~prod`), or else by its login and database. */
export function findRoute(
  routes: readonly Route[],
  { user, database }: { readonly user: string; readonly database: string },
): Found {
  const at = user.indexOf(ROUTE_SEPARATOR);
  if (at >= 0) return byName(routes, user.slice(0, at), user.slice(at + 1));
  const open = routes.filter((route) => route.isDefault && has(route, user));
  const [only, ...others] = open;
  if (only && others.length === 0) return { route: only, login: user };
  if (!only)
    return {
      refusal: {
        message: `the proxy has no login "${user}"`,
        hint: `It serves ${routes.map((route) => `${route.name} (${(route.logins ?? ['any login']).join(', ')})`).join('; ')}. Upper and lower case count.`,
      },
    };
  const [byDatabase, ...more] = open.filter(({ databases }) => databases.includes(database));
  if (byDatabase && more.length === 0) return { route: byDatabase, login: user };
  return {
    refusal: {
      message: `login "${user}" and database "${database}" fit ${open.map(({ name }) => name).join(' and ')}`,
      hint: `Connect as ${open.map(({ name }) => `${user}${ROUTE_SEPARATOR}${name}`).join(' or ')}.`,
    },
  };
}

function byName(routes: readonly Route[], login: string, name: string): Found {
  const route = routes.find((each) => each.name === name);
  if (route && has(route, login)) return { route, login };
  return {
    refusal: route
      ? {
          message: `${name} has no login "${login}"`,
          hint: `It has ${(route.logins ?? []).join(', ') || 'none'}. Upper and lower case count.`,
        }
      : {
          message: `the proxy does not serve "${name}"`,
          hint: `It serves ${routes.map((each) => each.name).join(', ')}.`,
        },
  };
}

function has({ logins }: Route, login: string): boolean {
  return logins === undefined ? isLoginName(login) : logins.includes(login);
}
