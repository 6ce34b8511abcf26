import { bySeen } from './by-seen';

/** The message of the client proves it. */
export const connectionRefused = bySeen({
  id: 'connection-refused',
  step: 'network',
  kind: 'connection-refused',
  suspicion: 'the port or the tunnel is wrong',
  message: 'refuses the connection, because nothing listens on this port',
  wayOut:
    'compare the port with that of the cluster (aws rds describe-db-clusters: Port), and start the tunnel',
});
