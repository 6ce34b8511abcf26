import { bySeen } from './by-seen';

/** The message of the client proves it. */
export const unknownHost = bySeen({
  id: 'unknown-host',
  step: 'network',
  kind: 'unknown-host',
  suspicion: 'the name has no address where the client runs',
  message: 'has no address here',
  wayOut:
    'compare the name with aws rds describe-db-clusters; if the name is only known inside of the VPC, use a tunnel: --through <host:port>',
});
