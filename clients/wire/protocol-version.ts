/** The newest minor version of protocol 3 that a server speaks. https://www.postgresql.org/docs/18/protocol.html */
function newestMinor(serverMajor: number): number {
  return serverMajor >= 18 ? 2 : 0;
}

export interface SettledProtocol {
  /** The startup packet in the version that both speak, without options that the server does not know. */
  readonly raw: Buffer;
  /** NegotiateProtocolVersion, which a server sends before it authenticates; absent: the client asks for nothing that is not there. */
  readonly answer?: Buffer;
}

/**
 * What a server makes of a startup packet of protocol 3.x, so that somebody in front of it can say so first: a newer minor
 * version is brought down to its own, and it knows no `_pq_.` option. PostgreSQL up to 17 answers 3.0 to everything newer.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-NEGOTIATEPROTOCOLVERSION
 * @param raw a packet that was read as one of protocol 3, its length word included
 */
export function settleProtocol(raw: Buffer, serverMajor: number): SettledProtocol {
  const asked = raw.readUInt16BE(6);
  const minor = Math.min(asked, newestMinor(serverMajor));
  const kept: Buffer[] = [];
  const unknown: Buffer[] = [];
  for (let offset = 8; raw[offset] !== 0; ) {
    const valueOffset = raw.indexOf(0, offset) + 1;
    const end = raw.indexOf(0, valueOffset) + 1;
    const name = raw.subarray(offset, valueOffset);
    if (name.toString().startsWith('_pq_.')) unknown.push(name);
    else kept.push(raw.subarray(offset, end));
    offset = end;
  }
  if (minor === asked && unknown.length === 0) return { raw };
  const version = Buffer.from([0, 3, 0, minor]);
  const parameters = Buffer.concat([version, ...kept, Buffer.from([0])]);
  const list = Buffer.concat([version, int32(unknown.length), ...unknown]);
  return {
    raw: Buffer.concat([int32(parameters.length + 4), parameters]),
    answer: Buffer.concat([Buffer.from('v'), int32(list.length + 4), list]),
  };
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
