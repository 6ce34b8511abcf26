import type * as net from 'node:net';
import * as tls from 'node:tls';
import { type FirstPacket, isEncryptionRequest, readStartupPacket } from '../clients/wire/messages';
import { ProtocolViolation } from '../clients/wire/protocol-violation';
import { HIGH_WATER_MARK } from './listen';

export interface Negotiated {
  readonly packet: FirstPacket;
  /** The stream in which the connection goes on. */
  readonly stream: net.Socket;
}

/**
 * Answers a client's requests for encryption until the first packet of another kind comes.
 * @param secureContext undefined: TLS is not offered
 * @returns undefined if the client went away. @throws ProtocolViolation
 */
export async function negotiate(
  client: net.Socket,
  secureContext: tls.SecureContext | undefined,
): Promise<Negotiated | undefined> {
  let stream = client;
  let direct = false;
  const asked = new Set<string>();
  for (;;) {
    const packet = await readStartupPacket(stream);
    if (!packet) return undefined;
    if (!isEncryptionRequest(packet)) {
      // A browser offers other protocols: it cannot be made to speak to a database (as PostgreSQL 17 demands).
      if (direct && (stream as tls.TLSSocket).alpnProtocol !== 'postgresql')
        throw new ProtocolViolation('direct TLS without the application protocol "postgresql"', null);
      return { packet, stream };
    }
    direct = packet.kind === 'direct-tls';
    if (direct && (!secureContext || stream !== client || asked.size > 0))
      throw new ProtocolViolation('invalid length of startup packet', null);
    if (asked.has(packet.kind) || stream !== client)
      throw new ProtocolViolation('encryption was asked for twice', '0A000');
    asked.add(packet.kind);
    if (packet.kind === 'gssenc-request' || !secureContext) {
      client.write('N');
      continue;
    }
    if (!direct) {
      // Bytes from before the handshake must not pass for encrypted ones (CVE-2021-23214).
      if (client.readableLength > 0)
        throw new ProtocolViolation('received unencrypted data after SSL request');
      client.write('S');
    }
    stream = new tls.TLSSocket(client, {
      isServer: true,
      secureContext,
      ALPNProtocols: ['postgresql'],
      ...({ highWaterMark: HIGH_WATER_MARK } as object),
    });
    // An error is always followed by 'close', which is where something is done about it.
    stream.on('error', () => {});
  }
}
