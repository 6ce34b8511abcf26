import { type Facts, knownOf } from '../facts';
import { isExpress } from '../words';
import { bySeen } from './by-seen';

/** The message of the client proves it. */
export const connectionTimeout = bySeen({
  id: 'connection-timeout',
  step: 'network',
  kind: 'connection-timeout',
  suspicion: 'a security group, a network ACL or the route stands in the way',
  message: (facts) =>
    byInternetOnly(facts)
      ? 'does not answer: something between this machine and the internet access gateway of the cluster drops the packets'
      : 'does not answer: the security group, a network ACL or the route drops the packets',
  wayOut: (facts) =>
    byInternetOnly(facts)
      ? 'allow outgoing connections to the port of the cluster in the network of this machine; the cluster itself is in no VPC, so it has no security group and needs no tunnel'
      : 'allow the address of this machine in the security group of the cluster, on its port; from outside of the VPC, use a tunnel: --through <host:port>',
});

function byInternetOnly(facts: Facts): boolean {
  return isExpress(facts) && knownOf(facts.cluster)?.found?.vpcNetworking === false;
}
