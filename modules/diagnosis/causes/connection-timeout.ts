import { bySeen } from './by-seen';

/** The message of the client proves it. */
export const connectionTimeout = bySeen({
  id: 'connection-timeout',
  step: 'network',
  kind: 'connection-timeout',
  suspicion: 'a security group, a network ACL or the route stands in the way',
  message: 'does not answer: the security group, a network ACL or the route drops the packets',
  wayOut:
    'allow the address of this machine in the security group of the cluster, on its port; from outside of the VPC, use a tunnel: --through <host:port>',
});
