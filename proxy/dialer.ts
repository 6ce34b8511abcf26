import { once } from 'node:events';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { credentialsOf } from '../clients/aws/credentials';
import { type KeptCredentials, keptCredentials } from '../clients/aws/kept-credentials';
import { freshTokenWith } from '../clients/aws/token';
import { UserError } from '../clients/error';
import { readBytes } from '../clients/wire/read-bytes';
import { SSL_REQUEST_PACKET } from '../clients/wire/typed-messages';
import { rdsCertificateAuthorities } from '../modules/connect/certificate-authorities';
import { HIGH_WATER_MARK } from './listen';
import type { Endpoint, Route } from './routes';

/** What leads out of this machine: the tests have one that needs no cloud. */
export interface Dialer {
  /** Where a route leads today. @throws UserError */
  resolve(route: Route): Promise<Endpoint>;
  /** A stream over verified TLS, ready for a startup packet. @throws UserError, Error of the network or of TLS */
  dial(route: Route, endpoint: Endpoint): Promise<net.Socket>;
  /** A fresh token. @throws UserError */
  token(route: Route, endpoint: Endpoint, login: string): Promise<string>;
  /** The server refused a login, or was not there: what is remembered of the route may be no longer so. */
  forget(route: Route): void;
}

export interface DialerOptions {
  /** Is told what a person should know: one line. */
  readonly remark: (line: string) => void;
  readonly timeoutMilliseconds?: number;
}

/** So that neither a firewall nor a NAT forgets a session that is idle for days. */
const KEEP_ALIVE_MILLISECONDS = 60_000;
/** A look-up that failed is not tried again sooner: AWS counts them. */
const LOOK_UP_AGAIN_MILLISECONDS = 2_000;

export function createDialer({ remark, timeoutMilliseconds = 15_000 }: DialerOptions): Dialer {
  const endpoints = new Map<string, Promise<Endpoint>>();
  const credentials = new Map<string, KeptCredentials>();
  const sessions = new Map<string, Buffer>();
  const secureContexts = new Map<string, tls.SecureContext>();

  const credentialsFor = (route: Route, region: string): KeptCredentials => {
    const key = `${credentialsKey(route)}${region}`;
    const kept =
      credentials.get(key) ??
      keptCredentials(async () => (await credentialsOf(route.credentials, region))(), {
        onFailure: (error) =>
          remark(`the credentials of ${route.name} expire soon and cannot be renewed: ${error.message}`),
      });
    credentials.set(key, kept);
    return kept;
  };
  // To parse the authorities of RDS takes longer than to log in.
  const secureContextOf = ({ certificateAuthority: ca = '' }: Route): tls.SecureContext => {
    const made = secureContexts.get(ca) ?? tls.createSecureContext({ ca: ca || rdsCertificateAuthorities() });
    secureContexts.set(ca, made);
    return made;
  };

  return {
    resolve(route) {
      if (route.to.kind === 'endpoint') return Promise.resolve(route.to);
      const known = endpoints.get(route.name) ?? route.to.lookUp();
      endpoints.set(route.name, known);
      known.catch(() => {
        const again = () => endpoints.get(route.name) === known && endpoints.delete(route.name);
        setTimeout(again, LOOK_UP_AGAIN_MILLISECONDS).unref();
      });
      return known;
    },
    async dial(route, { host, port }) {
      const to = route.through ?? { host, port };
      const socket = net.connect({
        ...to,
        // Of the TLS stream, too.
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MILLISECONDS,
      });
      socket.on('error', () => {});
      const timer = setTimeout(
        () =>
          socket.destroy(
            new Error(`no answer from ${to.host}:${to.port} within ${timeoutMilliseconds / 1000} s`),
          ),
        timeoutMilliseconds,
      );
      try {
        return await secured(socket, host, {
          secureContext: secureContextOf(route),
          session: sessions.get(route.name),
          keepSession: (session) => sessions.set(route.name, session),
        });
      } catch (error) {
        socket.destroy();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    async token(route, { host, port, region }, login) {
      const provider = () => credentialsFor(route, region).get();
      return (await freshTokenWith({ host, port, region, user: login }, provider)).token;
    },
    forget(route) {
      endpoints.delete(route.name);
      for (const [key, kept] of credentials) if (key.startsWith(credentialsKey(route))) kept.forget();
    },
  };
}

/** The region follows it. */
function credentialsKey({ credentials: { profile, role, externalId } }: Route): string {
  return `${JSON.stringify([profile, role, externalId])} `;
}

/** TLS as libpq's verify-full: nothing of the client goes out before the chain and the name are checked. */
async function secured(
  socket: net.Socket,
  host: string,
  {
    secureContext,
    session,
    keepSession,
  }: {
    readonly secureContext: tls.SecureContext;
    /** Of an earlier handshake that was verified: it is cheaper to go on with it. */
    readonly session: Buffer | undefined;
    readonly keepSession: (session: Buffer) => void;
  },
): Promise<tls.TLSSocket> {
  await once(socket, 'connect');
  socket.write(SSL_REQUEST_PACKET);
  const answer = await readBytes(socket, 1);
  if (!answer) throw socket.errored ?? new Error(`${host} closed the connection`);
  if (answer[0] !== 0x53 /* S */)
    throw new UserError(`${host} offers no TLS, and a token goes nowhere without it`);
  // What came before the handshake must not pass for encrypted (CVE-2021-23222).
  if (socket.readableLength > 0)
    throw new UserError(`${host} sent unencrypted data after its answer to the request for TLS`);
  const options = {
    socket,
    servername: host,
    secureContext,
    ALPNProtocols: ['postgresql'],
    highWaterMark: HIGH_WATER_MARK,
  };
  const secure = tls.connect({ ...options, ...(session ? { session } : {}) } as tls.ConnectionOptions);
  secure.on('session', keepSession);
  await new Promise<void>((resolve, reject) => {
    secure.on('secureConnect', resolve);
    secure.on('error', reject);
    secure.on('close', () =>
      reject(socket.errored ?? new Error(`${host} closed the connection at the TLS handshake`)),
    );
  });
  return secure;
}
