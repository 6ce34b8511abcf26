import { readLiveAccess } from '../modules/access/catalog';
import { checkAccess } from '../modules/access/check';
import { accessModel } from '../modules/access/model';
import { preflight } from '../modules/access/preflight';
import { adminOf } from '../modules/environment/admin';
import { masterLogsInByIam, masterUsernameOf } from '../modules/environment/cluster';
import { type AdminOptions, adminDatabase } from './admin-database';
import { found, type Outcome } from './outcome';
import { loadEnvironment } from './project';

export interface CheckOptions extends AdminOptions {
  readonly json?: boolean;
}

/** After a deploy: whether the cluster is as the environment says. Changes nothing. @throws UserError */
export function check(name: string, options: CheckOptions, remark: (line: string) => void): Promise<Outcome> {
  return compare(name, options, checkAccess, remark);
}

/** Before a deploy: what would fail half-way, and what would be taken away unseen. Changes nothing. @throws UserError */
export function checkBefore(
  name: string,
  options: CheckOptions,
  remark: (line: string) => void,
): Promise<Outcome> {
  return compare(name, options, preflight, remark);
}

async function compare(
  name: string,
  options: CheckOptions,
  judge: typeof checkAccess,
  remark: (line: string) => void,
): Promise<Outcome> {
  const environment = loadEnvironment(name);
  const admin = await adminDatabase(environment, options, remark);
  const model = accessModel(environment);
  const master = masterUsernameOf(environment.cluster);
  const live = await readLiveAccess(admin.read, {
    master,
    databases: model.databases,
    roles: [...model.groups, ...model.logins].map((role) => role.name),
  });
  const findings = judge(
    {
      model,
      master,
      masterByIam: masterLogsInByIam(environment.cluster),
      adminByIam: adminOf(environment).kind === 'iam',
      otherIamLogins: environment.otherIamLogins ?? [],
    },
    live,
  );
  return found(findings, options);
}
