import { RDS_IAM } from '../names/postgresql';
import { quoteIdentifier } from '../names/sql';

/** What a cutover stops, and the way back. @param where `environment dev`, or a construct */
export function cutoverWarning(where: string, login: string): string {
  return (
    `Cutover of ${login} (${where}): from its next connect on, no password of it is accepted, because rds_iam ` +
    `wins; open sessions go on. Every client of it needs a token by then. The way back: ${wayBack(login)} as the admin, and take ` +
    'cutover out again.'
  );
}

/** The statement that lets the login in by its password again. */
export function wayBack(login: string): string {
  return `REVOKE ${RDS_IAM} FROM ${quoteIdentifier(login)};`;
}
