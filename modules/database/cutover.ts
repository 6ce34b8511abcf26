import { quoteIdentifier } from './sql-text';

/** What a cutover stops, and the way back. */
export function cutoverWarning(environment: string, login: string): string {
  return (
    `Cutover of ${login} (environment ${environment}): from its next connect on, no password of it is accepted, because rds_iam ` +
    `wins; open sessions go on. Every client of it needs a token by then. The way back: ${wayBack(login)} as the admin, and take ` +
    'cutover out of the environment.'
  );
}

/** The statement that lets the login in by its password again. */
export function wayBack(login: string): string {
  return `REVOKE rds_iam FROM ${quoteIdentifier(login)};`;
}
