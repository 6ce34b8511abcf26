import { UserError } from '../clients/error';
import { psqlRemoval, psqlScript } from '../modules/access/sql';
import { adminUsernameOf } from '../modules/environment/admin';
import { masterUsernameOf } from '../modules/environment/cluster';
import { nameFault } from '../modules/names/postgresql';
import { done, type Outcome } from './outcome';
import { loadEnvironment } from './project';

/** The access of an environment as a script for psql, or the removal of one login.
 *  @throws UserError */
export function sql(name: string, remove?: string): Outcome {
  const environment = loadEnvironment(name);
  if (remove === undefined) return done(psqlScript(environment));
  const fault = nameFault(remove);
  if (fault) throw new UserError(`The login ${fault}.`);
  if (Object.hasOwn(environment.access.groups, remove))
    throw new UserError(`${remove} is a group of environment ${name}, not a login.`);
  if (remove === masterUsernameOf(environment.cluster))
    throw new UserError(`${remove} is the cluster's master.`);
  if (remove === adminUsernameOf(environment))
    throw new UserError(`${remove} is the admin of environment ${name}.`);
  return done(psqlRemoval(environment, remove));
}
