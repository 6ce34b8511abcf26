import { accessModel } from '../modules/access/model';
import { schemaScripts } from '../modules/access/sql';
import { type AdminOptions, adminDatabase } from './admin-database';
import { done, type Outcome } from './outcome';
import { loadEnvironment } from './project';

/** Makes the schemas of the environment's owner groups that are missing. The database stack runs this when it is applied.
 *  @throws UserError */
export async function createSchemas(
  name: string,
  options: AdminOptions,
  remark: (line: string) => void,
): Promise<Outcome> {
  const environment = loadEnvironment(name);
  const model = accessModel(environment);
  const admin = await adminDatabase(environment, options, remark);
  for (const { database, statements } of schemaScripts(model))
    await admin.write(database, async (transaction) => {
      await transaction(statements.join('\n'));
    });
  const lines = model.schemas.map(
    ({ database, schema, owner }) =>
      `schema ${schema} of database ${database} exists (if it was missing, it was created for ${owner})\n`,
  );
  return done(lines.join(''));
}
