import { UserError } from '../clients/error';
import { type LiveAccess, readLiveAccess } from '../modules/access/catalog';
import { checkAccess } from '../modules/access/check';
import type { CheckQuestion } from '../modules/access/finding';
import { accessModel } from '../modules/access/model';
import { preflight } from '../modules/access/preflight';
import { adminOf } from '../modules/environment/admin';
import { masterLogsInByIam, masterUsernameOf } from '../modules/environment/cluster';
import { type Environment, stackName } from '../modules/environment/environment';
import { attributesInState } from '../modules/plan/terraform-state';
import { type AdminOptions, adminDatabase } from './admin-database';
import { found, type Outcome } from './outcome';
import { loadEnvironment } from './project';
import { type PreflightState, resourcesInState, rolesToImport, type StateOptions } from './stack-state';

export interface CheckOptions extends AdminOptions {
  readonly json?: boolean;
}

/** After a deploy: whether the cluster is as the environment says. Changes nothing. @throws UserError */
export async function check(
  name: string,
  options: CheckOptions,
  remark: (line: string) => void,
): Promise<Outcome> {
  const { question, live } = await liveQuestion(loadEnvironment(name), options, remark);
  return found(checkAccess(question, live), options);
}

/** Before a deploy: what would fail half-way, and what would be taken away unseen. Changes nothing.
 *  @param remark is called with what a person should know of it
 *  @throws UserError */
export async function checkBefore(
  name: string,
  options: CheckOptions & PreflightState,
  remark: (line: string) => void,
): Promise<Outcome> {
  const environment = loadEnvironment(name);
  const stack = stackName(environment, 'database');
  const { state: given, ...rest } = options;
  if (given === false) {
    const { question, live } = await liveQuestion(environment, options, remark);
    return found(preflight(question, live), options);
  }
  const [{ question, live }, state] = await Promise.all([
    liveQuestion(environment, options, remark),
    rolesInState(stack, given === undefined ? rest : { ...rest, state: given }),
  ]);
  if (typeof state !== 'string') return found(preflight({ ...question, rolesInState: state }, live), options);
  const { groups, logins } = question.model;
  if (
    [...groups, ...logins].some((role) => !role.adopted && live.roles.some(({ name }) => name === role.name))
  )
    remark(`aurora-iam: roles that a killed deploy has left behind are not looked for. ${state}`);
  return found(preflight(question, live), options);
}

/** @returns why not, if the state was not named and cannot be read: a first deploy has none */
async function rolesInState(stack: string, options: StateOptions): Promise<ReadonlySet<string> | string> {
  try {
    const inState = attributesInState(await resourcesInState(stack, options), 'postgresql_role', 'name');
    // What the next run imports, it does not create.
    return new Set([...inState, ...rolesToImport(stack, options)]);
  } catch (error) {
    if (options.state !== undefined || !(error instanceof UserError)) throw error;
    return error.message;
  }
}

/** What the environment wants of its database, and what is there. @throws UserError */
export async function liveQuestion(
  environment: Environment,
  options: AdminOptions,
  remark: (line: string) => void,
): Promise<{ readonly question: CheckQuestion; readonly live: LiveAccess }> {
  const admin = await adminDatabase(environment, options, remark);
  const model = accessModel(environment);
  const master = masterUsernameOf(environment.cluster);
  const live = await readLiveAccess(admin.read, {
    master,
    databases: model.databases,
    roles: [...model.groups, ...model.logins].map((role) => role.name),
  });
  return {
    question: {
      model,
      master,
      masterByIam: masterLogsInByIam(environment.cluster),
      adminByIam: adminOf(environment).kind === 'iam',
      otherIamLogins: environment.otherIamLogins ?? [],
    },
    live,
  };
}
