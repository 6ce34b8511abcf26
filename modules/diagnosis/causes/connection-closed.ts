import { bySeen } from './by-seen';

/** The message of the client proves it. */
export const connectionClosed = bySeen({
  id: 'connection-closed',
  step: 'network',
  kind: 'connection-closed',
  suspicion: 'the other end of a tunnel or proxy is gone',
  message: 'accepts the connection and ends it before PostgreSQL answers',
  wayOut: 'look at the tunnel or the proxy: its other end is not there',
});
