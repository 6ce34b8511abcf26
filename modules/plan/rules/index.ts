import { adminLeavesRdsIam } from './admin-leaves-rds-iam';
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
import { resourceIdChanged } from './resource-id-changed';
import { type ListedRule, rule } from './rule';
import { secret } from './secret';
import { securityDefiner } from './security-definer';
import { tlsOff } from './tls-off';
import { trustsEverybodyRule } from './trusts-everybody';
import { unknownValue } from './unknown-value';

/** In the order in which a reader should meet them. */
export const REVIEW_RULES: readonly ListedRule[] = [
  rule(['plan-incomplete'], planIncomplete),
  rule(['cluster-destroyed'], clusterDestroyed),
  rule(['database-destroyed'], databaseDestroyed),
  rule(['provider'], provider),
  rule(['provisioner'], provisioner),
  rule(['backend'], backend),
  rule(['iam-authentication-off'], iamAuthenticationOff),
  rule(['public-access'], publicAccess),
  rule(['tls-off'], tlsOff),
  rule(['encryption-off'], encryptionOff),
  rule(['deletion-protection-off'], deletionProtectionOff),
  rule(['master-password'], masterPassword),
  rule(['logging-off'], loggingOff),
  rule(['backups-shortened'], backupsShortened),
  rule(['resource-id-changed'], resourceIdChanged),
  rule(['policy-beyond-connect'], policyBeyondConnect),
  rule(['policy-restriction-removed'], policyRestrictionRemoved),
  rule(['policy-unknown'], policyUnknown),
  rule(['foreign-policy'], foreignPolicy),
  rule(['permissions-boundary'], permissionsBoundary),
  rule(['trusts-everybody'], trustsEverybodyRule),
  rule(['foreign-trust'], foreignTrust),
  rule(['into-rds-iam'], intoRdsIam),
  rule(['database-owner'], databaseOwner),
  rule(['foreign-membership'], foreignMembership),
  rule(['foreign-grantee'], foreignGrantee),
  rule(['login-with-powers'], loginWithPowers),
  rule(['login-by-password'], loginByPassword),
  rule(['login-switched-off'], loginSwitchedOff),
  rule(['login-leaves-rds-iam', 'login-without-group'], loginGroups),
  rule(['admin-leaves-rds-iam'], adminLeavesRdsIam),
  rule(['admin-option', 'grant-option'], grantOptions),
  rule(['public-gains'], publicGains),
  rule(['security-definer'], securityDefiner),
  rule(['foreign'], foreign),
  rule(['unknown-value'], unknownValue),
  rule(['secret'], secret),
];
