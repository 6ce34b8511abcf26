import type { Environment } from '../environment/environment';
import { iamParts } from '../names/arn';
import { isLoginName, loginCharactersFault } from '../names/postgresql';
import { type Report, reportName } from './report';

/** How the database stack logs in, and as whom Terraform works. */
export function reportAdmin(environment: Environment, report: Report): void {
  reportAssumeRole(environment, report);
  const { access, admin, through } = environment;
  if (admin?.kind === 'iam' && through)
    report(
      ['admin'],
      "logs in by a token, which the provider would sign for the tunnel's host, so it would be refused",
      "reach the endpoint itself (a runner in the VPC), or use secret('<arn>') or environmentPassword()",
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
        ? 'is one of the logins, which may not manage roles'
        : 'is one of the logins, which are in rds_iam and have no password',
      'make a role of its own for the admin (docs/admin.md)',
    );
  if (Object.hasOwn(access.groups, admin.username))
    report(path, 'is one of the groups, which cannot log in', 'name a login');
}

function reportAssumeRole({ account, admin, assumeRole }: Environment, report: Report): void {
  if (!assumeRole) return;
  const itsAccount = iamParts(assumeRole.roleArn)?.account;
  if (itsAccount !== account)
    report(
      ['assumeRole', 'roleArn'],
      `is a role of account ${itsAccount}, and this environment is in ${account}`,
      `name a role of ${account}`,
    );
  if (admin?.kind === 'iam')
    report(
      ['assumeRole'],
      'stands beside iamAdmin, whose token the provider signs as the process itself, not as this role',
      "let the pipeline run as the role, or use secret('<arn>')",
    );
}
