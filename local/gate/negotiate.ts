import type * as net from 'node:net';
import * as tls from 'node:tls';
import { type FirstPacket, isEncryptionRequest, readStartupPacket } from '../../clients/wire/messages';
import { ProtocolViolation } from '../../clients/wire/protocol-violation';
import type { GateOptions } from './gate';

/**
 * Answers requests for encryption until the first packet of another kind comes.
 * @param use takes the stream in which the connection goes on, and hands it back
 * @returns undefined if the client went away.
 * @throws ProtocolViolation
 */
export async function negotiate(
  client: net.Socket,
  { certificate, backend }: Pick<GateOptions, 'certificate' | 'backend'>,
  use: (secured: net.Socket) => net.Socket,
): Promise<FirstPacket | undefined> {
  let stream = client;
  let direct = false;
  const asked = new Set<string>();
  for (;;) {
    const packet = await readStartupPacket(stream);
    if (!packet) return undefined;
    if (!isEncryptionRequest(packet)) {
      // Without it, a browser could be made to speak to a database: PostgreSQL 17 and later demand it, too.
      if (direct && (stream as tls.TLSSocket).alpnProtocol !== 'postgresql')
        throw new ProtocolViolation('direct TLS without the application protocol "postgresql"', null);
      return packet;
    }
    direct = packet.kind === 'direct-tls';
    // What another server takes for the length of a packet.
    if (direct && (backend.major < 17 || stream !== client || asked.size > 0))
      throw new ProtocolViolation('invalid length of startup packet', null);
    if (asked.has(packet.kind) || stream !== client)
      throw new ProtocolViolation(
        `unsupported frontend protocol 1234.${packet.kind === 'ssl-request' ? 5679 : 5680}: encryption was asked for twice`,
        '0A000',
      );
    asked.add(packet.kind);
    if (packet.kind === 'gssenc-request') {
      client.write('N');
      continue;
    }
    const secureContext = secureContextOf(await certificate());
    if (client.destroyed) return undefined;
    // Bytes from before the handshake must not pass for encrypted ones (CVE-2021-23214). From 17 on they are taken for
    // the beginning of it; before, PostgreSQL complains of them after it.
    const early = !direct && backend.major < 17 && client.read() !== null;
    if (!direct) client.write('S');
    stream = use(new tls.TLSSocket(client, { isServer: true, secureContext, ALPNProtocols: ['postgresql'] }));
    if (early) throw new ProtocolViolation('received unencrypted data after SSL request');
  }
}

const secureContexts = new WeakMap<object, tls.SecureContext>();

/** To read a key is much of the time of a login, and every login has the same one. */
function secureContextOf(certificate: { readonly cert: string; readonly key: string }): tls.SecureContext {
  const secureContext = secureContexts.get(certificate) ?? tls.createSecureContext(certificate);
  secureContexts.set(certificate, secureContext);
  return secureContext;
}
