/** The client broke the protocol in a way after which nothing more can be read from it. One line, no bytes of it. */
export class ProtocolViolation extends Error {
  /** @param sqlstate of the message to the client; null: PostgreSQL says nothing and closes the connection */
  constructor(
    message: string,
    readonly sqlstate: string | null = '08P01',
  ) {
    super(message);
  }
}
