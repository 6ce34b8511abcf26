// The access of a model as SQL; a folder, of which this is what others use.
export { psqlRemoval, psqlScript } from './sql/psql';
export { removalStatements } from './sql/remove';
export { type DatabaseScript, databaseScripts, schemaScripts } from './sql/scripts';
