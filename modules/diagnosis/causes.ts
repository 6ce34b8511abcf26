import type { Cause } from './cause';
import { authenticationOff } from './causes/authentication-off';
import { boundaryWithoutConnect } from './causes/boundary-without-connect';
import { certificateAuthority } from './causes/certificate-authority';
import { certificateName } from './causes/certificate-name';
import { clockSkew } from './causes/clock-skew';
import { clusterNotAvailable } from './causes/cluster-not-available';
import { connectionClosed } from './causes/connection-closed';
import { connectionLimit } from './causes/connection-limit';
import { connectionRefused } from './causes/connection-refused';
import { connectionTimeout } from './causes/connection-timeout';
import { credentialsExpired } from './causes/credentials-expired';
import { customEndpoint } from './causes/custom-endpoint';
import { inRdsAd } from './causes/in-rds-ad';
import { noConnectPrivilege } from './causes/no-connect-privilege';
import { noCredentials } from './causes/no-credentials';
import { noEndpoint } from './causes/no-endpoint';
import { noLogin } from './causes/no-login';
import { noReplicationPrivilege } from './causes/no-replication-privilege';
import { noSuchCluster } from './causes/no-such-cluster';
import { noSuchDatabase } from './causes/no-such-database';
import { noSuchRole } from './causes/no-such-role';
import { notEncrypted } from './causes/not-encrypted';
import { notInRdsIam } from './causes/not-in-rds-iam';
import { organizationPolicy } from './causes/organization-policy';
import { otherCase } from './causes/other-case';
import { otherEngine } from './causes/other-engine';
import { otherIdentity } from './causes/other-identity';
import { passwordLoginInRdsIam } from './causes/password-login-in-rds-iam';
import { policyDenied } from './causes/policy-denied';
import { policyMissing } from './causes/policy-missing';
import { policyOtherCluster } from './causes/policy-other-cluster';
import { policyOtherLogin } from './causes/policy-other-login';
import { proxyWithSecrets } from './causes/proxy-with-secrets';
import { regionMismatch } from './causes/region-mismatch';
import { replicationByToken } from './causes/replication-by-token';
import { serviceError } from './causes/service-error';
import { sessionPolicy } from './causes/session-policy';
import { shortOfMemory } from './causes/short-of-memory';
import { throttled } from './causes/throttled';
import { unknownHost } from './causes/unknown-host';
import { TOKEN_CAUSES } from './token-causes';

/** In the order that a login takes: the first that explains what was seen is the answer. */
export const CAUSES: readonly Cause[] = [
  noCredentials,
  credentialsExpired,
  noEndpoint,
  customEndpoint,
  regionMismatch,
  unknownHost,
  connectionRefused,
  connectionTimeout,
  connectionClosed,
  notEncrypted,
  certificateAuthority,
  certificateName,
  noSuchCluster,
  clusterNotAvailable,
  otherEngine,
  authenticationOff,
  proxyWithSecrets,
  clockSkew,
  // Found only of a user that logs in with a password: then neither the token nor IAM is the reason.
  passwordLoginInRdsIam,
  ...TOKEN_CAUSES,
  policyDenied,
  policyOtherCluster,
  policyOtherLogin,
  otherIdentity,
  policyMissing,
  boundaryWithoutConnect,
  sessionPolicy,
  organizationPolicy,
  noSuchRole,
  otherCase,
  notInRdsIam,
  inRdsAd,
  replicationByToken,
  noReplicationPrivilege,
  noLogin,
  noSuchDatabase,
  noConnectPrivilege,
  connectionLimit,
  throttled,
  shortOfMemory,
  serviceError,
];
