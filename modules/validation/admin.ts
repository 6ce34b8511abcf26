import { adminOf, adminUsernameOf } from '../environment/admin';
import { masterLogsInByIam, masterUsernameOf } from '../environment/cluster';
import type { Environment } from '../environment/environment';
import { iamParts } from '../names/arn';
import { isLoginName, loginCharactersFault } from '../names/postgresql';
import { type Report, reportName } from './report';

const AUTHENTICATION = ['cluster', 'masterUserAuthenticationType'];

/** How the database stack logs in, and as whom Terraform works. */
export function reportAdmin(environment: Environment, report: Report): void {
  reportAssumeRole(environment, report);
  reportMaster(environment, report);
  const { access, admin, certificateAuthorityFile, through } = environment;
  if (certificateAuthorityFile !== undefined && through)
    report(
      ['certificateAuthorityFile'],
      'stands beside a tunnel, which has authorities of its own',
      'write it in the tunnel',
    );
  if (adminOf(environment).kind === 'iam' && through)
    report(
      admin ? ['admin'] : AUTHENTICATION,
      `${admin ? 'logs' : 'makes the admin log'} in by token, and the provider would sign the token for the tunnel's host, so RDS would refuse it`,
      `connect to the endpoint itself (from a runner in the VPC), or use ${
        masterLogsInByIam(environment.cluster)
          ? 'an admin that has a password'
          : "secret('<arn>') or environmentPassword()"
      }`,
    );
  if (!admin || !('username' in admin) || admin.username === undefined) return;
  const path = ['admin', 'username'];
  // The name of an IAM login stands in ARNs and tokens.
  if (admin.kind === 'iam' && !isLoginName(admin.username))
    report(path, loginCharactersFault(admin.username));
  else reportName(admin.username, path, report);
  if (Object.hasOwn(access.logins, admin.username))
    report(
      path,
      admin.kind === 'iam'
        ? 'is one of the logins, and a login may not manage roles'
        : 'is one of the logins, and logins are in rds_iam, so no password of theirs is accepted',
      'create a separate role for the admin (docs/admin.md)',
    );
  if (Object.hasOwn(access.groups, admin.username))
    report(path, 'is one of the groups, and groups cannot log in', 'name a role that can');
}

/** The cluster says how its master logs in; the admin must not say otherwise. */
function reportMaster(environment: Environment, report: Report): void {
  const { admin, cluster, otherIamLogins = [] } = environment;
  const master = masterUsernameOf(cluster);
  const byIam = masterLogsInByIam(cluster);
  if (admin && adminUsernameOf(environment) === master && byIam !== (admin.kind === 'iam'))
    report(
      ['admin'],
      byIam
        ? `is the master ${master} with a password, and the cluster says that its master logs in by IAM, so it has none`
        : `is the master ${master} with a token, and the cluster does not say that its master logs in by IAM`,
      byIam
        ? 'leave it out: the admin is then the master, with a token'
        : `if it does, write masterUserAuthenticationType: 'iam-db-auth' in the cluster and leave admin out; if it has a password, make a role of its own for the admin (docs/admin.md)`,
    );
  const listed = otherIamLogins.indexOf(master);
  if (listed >= 0)
    report(
      ['otherIamLogins', listed],
      'is the master, of which the cluster says how it logs in',
      byIam
        ? 'leave it out'
        : "leave it out; if it does log in by IAM, write masterUserAuthenticationType: 'iam-db-auth' in the cluster",
    );
}

function reportAssumeRole(environment: Environment, report: Report): void {
  const { account, admin, assumeRole } = environment;
  if (!assumeRole) return;
  const itsAccount = iamParts(assumeRole.roleArn)?.account;
  if (itsAccount !== account)
    report(
      ['assumeRole', 'roleArn'],
      `is a role of account ${itsAccount}, and this environment is in ${account}`,
      `name a role of ${account}`,
    );
  if (adminOf(environment).kind === 'iam')
    report(
      ['assumeRole'],
      `has no effect on ${admin ? 'iamAdmin' : 'a master that logs in by IAM'}: the provider signs its token as the process itself, not as this role`,
      masterLogsInByIam(environment.cluster)
        ? 'run the pipeline as this role, and remove assumeRole'
        : "run the pipeline as this role and remove assumeRole, or use secret('<arn>')",
    );
}
