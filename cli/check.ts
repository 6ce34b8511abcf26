import { type LiveAccess, readLiveAccess } from '../modules/access/catalog';
import { checkAccess } from '../modules/access/check';
import { type AccessFinding, type CheckQuestion, counted } from '../modules/access/finding';
import { accessModel } from '../modules/access/model';
import { preflight } from '../modules/access/preflight';
import { adminOf } from '../modules/environment/admin';
import { masterUsernameOf } from '../modules/environment/cluster';
import { type AdminOptions, adminDatabase } from './admin-database';
import { loadEnvironment } from './project';

/** After a deploy: whether the cluster is as the environment says. Changes nothing.
 *  @returns 1 if there is a fault, else 0. @throws UserError */
export function check(name: string, options: AdminOptions): Promise<0 | 1> {
  return compare(name, options, checkAccess);
}

/** Before a deploy: what would fail half-way, and what would be taken away unseen. Changes nothing.
 *  @returns 1 if there is a fault, else 0. @throws UserError */
export function checkBefore(name: string, options: AdminOptions): Promise<0 | 1> {
  return compare(name, options, preflight);
}

async function compare(
  name: string,
  options: AdminOptions,
  judge: (question: CheckQuestion, live: LiveAccess) => AccessFinding[],
): Promise<0 | 1> {
  const environment = loadEnvironment(name);
  const admin = await adminDatabase(environment, options);
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
      adminByIam: adminOf(environment).kind === 'iam',
      otherIamLogins: environment.otherIamLogins ?? [],
    },
    live,
  );
  for (const { severity, rule, message } of findings)
    process.stdout.write(`${severity} ${rule}: ${message}\n`);
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  process.stdout.write(`${counted(faults, 'fault')}, ${counted(findings.length - faults, 'note')}\n`);
  return faults === 0 ? 0 : 1;
}
