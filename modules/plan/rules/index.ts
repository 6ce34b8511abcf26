import { backend } from './backend';
import { backupsShortened } from './backups-shortened';
import { clusterDestroyed } from './cluster-destroyed';
import { databaseDestroyed } from './database-destroyed';
import { databaseOwner } from './database-owner';
import { deletionProtectionOff } from './deletion-protection-off';
import { encryptionOff } from './encryption-off';
import { foreign } from './foreign';
import { foreignGrantee } from './foreign-grantee';
import { foreignMembership } from './foreign-membership';
import { foreignPolicy } from './foreign-policy';
import { foreignTrust } from './foreign-trust';
import { grantOptions } from './grant-options';
import { iamAuthenticationOff } from './iam-authentication-off';
import { intoRdsIam } from './into-rds-iam';
import { loggingOff } from './logging-off';
import { loginByPassword } from './login-by-password';
import { loginGroups } from './login-groups';
import { loginSwitchedOff } from './login-switched-off';
import { loginWithPowers } from './login-with-powers';
import { masterPassword } from './master-password';
import { permissionsBoundary } from './permissions-boundary';
import { planIncomplete } from './plan-incomplete';
import { policyBeyondConnect } from './policy-beyond-connect';
import { policyRestrictionRemoved } from './policy-restriction-removed';
import { policyUnknown } from './policy-unknown';
import { provider } from './provider';
import { provisioner } from './provisioner';
import { publicAccess } from './public-access';
import { publicGains } from './public-gains';
import type { Rule } from './rule';
import { secret } from './secret';
import { securityDefiner } from './security-definer';
import { tlsOff } from './tls-off';
import { trustsEverybodyRule } from './trusts-everybody';
import { unknownValue } from './unknown-value';

/** In the order in which a reader should meet them. */
export const RULES: readonly Rule[] = [
  planIncomplete,
  clusterDestroyed,
  databaseDestroyed,
  provider,
  provisioner,
  backend,
  iamAuthenticationOff,
  publicAccess,
  tlsOff,
  encryptionOff,
  deletionProtectionOff,
  masterPassword,
  loggingOff,
  backupsShortened,
  policyBeyondConnect,
  policyRestrictionRemoved,
  policyUnknown,
  foreignPolicy,
  permissionsBoundary,
  trustsEverybodyRule,
  foreignTrust,
  intoRdsIam,
  databaseOwner,
  foreignMembership,
  foreignGrantee,
  loginWithPowers,
  loginByPassword,
  loginSwitchedOff,
  loginGroups,
  grantOptions,
  publicGains,
  securityDefiner,
  foreign,
  unknownValue,
  secret,
];
