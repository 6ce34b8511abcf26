import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { worksHere } from '../words';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-setup.html */
export const proxyWithSecrets: Cause = {
  id: 'proxy-with-secrets',
  step: 'cluster',
  suspicion: 'the RDS Proxy is in standard mode and logs in with a secret (rds:DescribeDBProxies tells)',
  judge: (facts) => {
    const { cluster, endpoint } = facts;
    // Where the host says that it is none, nobody has to ask.
    if ('value' in endpoint && !['proxy', 'none'].includes(endpoint.value.endpoint.kind)) return RULED_OUT;
    if (!('value' in cluster)) return worksHere(facts) ? RULED_OUT : notLookedAt(cluster.notKnown);
    const { identifier, found: there } = cluster.value;
    return there?.proxyWithSecrets
      ? found(
          'proxy-with-secrets',
          `proxy ${identifier}`,
          'logs in to the database with a secret (standard mode), and a login in rds_iam has no password',
          'put it into end-to-end IAM mode (DefaultAuthScheme=IAM_AUTH, no secrets), or connect to the cluster itself',
        )
      : RULED_OUT;
  },
};
