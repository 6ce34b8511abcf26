import { doctor, type RuleEntry } from './entry';

/** Why a login is refused, in the order that a login takes: inside of PostgreSQL, and RDS itself. */
export const DOCTOR_DATABASE_ENTRIES = {
  'no-such-role': doctor(
    'A database user that does not exist',
    'PostgreSQL answers as for a wrong password, so that nobody can find out which users exist.',
    'Deploy the database stack, or create the role and grant it `rds_iam`.',
  ),
  'other-case': doctor(
    'A database user that is written in another case',
    'In SQL, `CREATE ROLE Jane` makes `jane`. In the login, in the token and in the policy the name is compared exactly.',
    'Write the name as `rolname` of `pg_roles` has it, everywhere.',
  ),
  'not-in-rds-iam': doctor(
    'A database user that is not in `rds_iam`',
    'RDS asks only members of `rds_iam` for a token. All others are asked for a password, and the token is compared with that.',
    '`GRANT rds_iam TO <user>`. The user can then no longer log in with a password.',
  ),
  'in-rds-ad': doctor(
    'A database user that is in `rds_ad`',
    'Members of `rds_ad` log in with Kerberos. That excludes logging in with a token.',
    '`REVOKE rds_ad FROM <user>`, or log in with Kerberos.',
  ),
  'password-login-in-rds-iam': doctor(
    'A user with a password that has become a member of `rds_iam`',
    'RDS asks every member for a token and never looks at its password. The membership may be indirect: through a group, or through an IAM login that was granted to the user. A master with a password is no exception. One that never had a password, as on an express cluster, belongs there.',
    'Revoke the membership that the finding names, as somebody who can still log in; but never from a master without a password. If nobody can: a token for the user itself still works, if IAM allows it.',
  ),
  'replication-by-token': doctor(
    'A replication connection with a token while `rds.iam_auth_for_replication` is off',
    'For replication connections, tokens are taken only if this parameter is 1.',
    'Set `rds.iam_auth_for_replication` to 1 in the parameter group of the cluster.',
  ),
  'no-replication-privilege': doctor(
    'A replication connection of a user that may not replicate',
    'The message appears only after the token was accepted. On RDS, `rds_replication` gives what REPLICATION gives elsewhere.',
    '`GRANT rds_replication TO <user>`, as the master.',
  ),
  'no-login': doctor(
    'A role with NOLOGIN',
    'The message appears only after the token was accepted. The postgresql provider creates roles with NOLOGIN by default, and `aurora-iam revoke` sets it.',
    '`ALTER ROLE <user> LOGIN`, if the login was not shut out on purpose.',
  ),
  'no-such-database': doctor(
    'A database that does not exist',
    'The message appears only after the token was accepted. Without a name, most clients take the name of the user.',
    'Name the database: `--database <name>`.',
  ),
  'no-connect-privilege': doctor(
    'A login without CONNECT on the database',
    'The message appears only after the token was accepted. By default everybody may connect; `lockDown` takes that away from PUBLIC.',
    'Grant CONNECT to the group of the login, or add the login to a group that has it.',
  ),
  'connection-limit': doctor(
    'A limit of connections that is reached',
    'The role, the database or the server has as many connections as it allows. The message appears only after the token was accepted.',
    'End connections that are not needed, use a pool, or raise the limit.',
  ),
  throttled: doctor(
    'Too many new connections per second',
    'IAM authentication takes about 200 new connections per second. Beyond that, logins are refused as if the token were bad.',
    'Open fewer connections: use a pool, and let clients wait longer after each refusal.',
  ),
  'short-of-memory': doctor(
    'A host that is short of memory',
    'The process that checks tokens runs on the host of the database. If it gets no memory, it answers too late or not at all.',
    'Look at `FreeableMemory`; use a larger instance, or more capacity units.',
  ),
  'service-error': doctor(
    'An error inside of IAM authentication at RDS',
    'RDS could not decide. Neither the token nor a policy was the reason.',
    'Try again. If it stays, ask AWS Support.',
  ),
} satisfies Record<string, RuleEntry>;
