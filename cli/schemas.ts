import { accessModel } from '../modules/access/model';
import { schemaScripts } from '../modules/access/sql';
import { type AdminOptions, adminDatabase } from './admin-database';
import { loadEnvironment } from './project';

/** Makes the schemas of the environment's owner groups that are missing. The database stack runs this when it is applied.
 *  @throws UserError */
export async function createSchemas(name: string, options: AdminOptions): Promise<void> {
  const environment = loadEnvironment(name);
  const model = accessModel(environment);
  const admin = await adminDatabase(environment, options);
  for (const { database, statements } of schemaScripts(model))
    await admin.write(database, async (transaction) => {
      await transaction(statements.join('\n'));
    });
  for (const { database, schema, owner } of model.schemas)
    process.stdout.write(
      `schema ${schema} of database ${database}: there (made for ${owner} if it was missing)\n`,
    );
}
