import type { RuleEntry } from './entry';

/** What check and preflight find in a live database. */
export const ACCESS_ENTRIES = {
  'locked-out': {
    tools: ['preflight', 'check'],
    severity: 'fault',
    title: 'A role with a password that is in `rds_iam`, or a master or admin without a password that is not',
    why: 'RDS asks every member of `rds_iam` for a token and never looks at its password. Every membership counts, however indirect, and a master with a password is no exception: it can lock itself out. A group in `rds_iam` does this to all its members. For a master that logs in by IAM, as on every express cluster, it is the other way round: it has no password, so without `rds_iam` nothing lets it in. How the master logs in is what the environment says of its cluster, whatever lists it is in.',
    whatToDo:
      "Run the REVOKE or GRANT that the finding shows. If the role is an IAM login that somebody else manages, name it in `otherIamLogins`. If it is a master without a password, write `masterUserAuthenticationType: 'iam-db-auth'` in `cluster`.",
  },
  'not-inherited': {
    tools: ['preflight', 'check'],
    severity: 'note',
    title: 'A role that is in `rds_iam` only by memberships WITH INHERIT FALSE',
    why: 'From PostgreSQL 16 on, a membership can be granted WITH INHERIT FALSE. PostgreSQL itself counts it, so it would refuse the password of such a role. It was reported once that RDS does not count it and accepts the password. Neither is documented by AWS, so the tools do not say that the role is safe, nor that it is locked out.',
    whatToDo:
      'Revoke the membership if the role has a password, or grant `rds_iam` plainly if it logs in by IAM. Keep another way in at hand before you change it.',
  },
  'admin-only': {
    tools: ['preflight', 'check'],
    severity: 'note',
    title: 'A role whose only way into `rds_iam` is ADMIN, without INHERIT and SET',
    why: 'From PostgreSQL 16 on, a role that creates another becomes such a member of it, so the creator of an IAM login is one. PostgreSQL itself would refuse its password. RDS is believed to accept it, but that is not known.',
    whatToDo:
      'Nothing, as long as the role can log in. Keep another way in at hand before you change its memberships.',
  },
  missing: {
    tools: ['preflight', 'check'],
    severity: 'fault',
    title: 'A role, schema or database that does not exist',
    why: 'Before a deploy: the environment needs it and does not make it, so the deploy would fail half-way. After a deploy: it should have been made.',
    whatToDo: 'Create what the finding names, take it out of the environment, or deploy the database stack.',
  },
  attributes: {
    tools: ['check'],
    severity: 'fault or note',
    title: 'An attribute or a setting of a role that differs from the environment',
    why: 'A group that can log in, or a login with SUPERUSER, CREATEROLE, CREATEDB, REPLICATION or BYPASSRLS, can do more than any grant shows. With NOINHERIT its groups give it nothing. Settings such as `role` and `search_path` decide who owns what a session creates. Of adopted roles, powers are reported as notes.',
    whatToDo: 'Run the ALTER ROLE that the finding shows, or deploy the database stack.',
  },
  member: {
    tools: ['preflight', 'check'],
    severity: 'fault or note',
    title: 'A membership that the environment does not give, or one that is missing',
    why: 'Memberships are how privileges reach a login. A member from outside has all that the group has. A member of a login may do all that the login may, and become its owner group. No plan shows memberships that others have granted. Before a deploy: whenever the provider changes a role, it revokes all its memberships and grants them anew, so one that the admin cannot revoke makes the deploy fail.',
    whatToDo:
      'Revoke the membership, or write it in the environment. Where one is missing, deploy the database stack.',
  },
  'membership-options': {
    tools: ['check'],
    severity: 'fault or note',
    title: 'A membership WITH INHERIT FALSE or SET FALSE',
    why: 'From PostgreSQL 16 on a membership may give nothing: INHERIT FALSE withholds the privileges, SET FALSE refuses SET ROLE. A plain GRANT does not change the options of a membership that exists.',
    whatToDo: 'Run the GRANT … WITH INHERIT TRUE, SET TRUE that the finding shows.',
  },
  'admin-option': {
    tools: ['check', 'review'],
    severity: 'fault',
    title: 'The right to make others members of a group',
    why: 'Whoever has ADMIN OPTION decides who else has the privileges of the group. The environment then no longer says who may do what.',
    whatToDo: 'Revoke ADMIN OPTION, or leave `with_admin_option` out of the plan.',
  },
  owner: {
    tools: ['preflight', 'check'],
    severity: 'fault or note',
    title: 'An object or schema with an owner that gets in the way',
    why: 'What a login owns nobody else has rights on, and the login cannot be dropped. An object whose owner the admin cannot be a member of makes grants in its schema fail. A schema that belongs to another role than its owner group is reported as a note. So are tables that belong to the admin, as after a destroy: whoever acts as the owner group is refused there.',
    whatToDo:
      'Hand the object over to an owner group with ALTER … OWNER TO, or take the schema out of the environment.',
  },
  privileges: {
    tools: ['preflight', 'check'],
    severity: 'fault or note',
    title: 'Privileges beyond the environment, or missing ones',
    why: 'A privilege that was granted by hand stays until somebody takes it away. Privileges of a login itself remain when it leaves its group, and keep it from being dropped. Before a deploy: what keeps a role from being dropped, with its database. Policies of row-level security and initial privileges of extensions do so, too.',
    whatToDo:
      'Revoke them, or grant them to a group in the environment. Where some are missing, deploy the database stack.',
  },
  'grant-option': {
    tools: ['check', 'review'],
    severity: 'fault',
    title: 'The right to grant a privilege to others',
    why: 'Whoever has a grant option decides who else gets the privilege, and nothing in the environment shows it.',
    whatToDo: 'Revoke the grant option, or leave `with_grant_option` out of the plan.',
  },
  columns: {
    tools: ['check'],
    severity: 'fault',
    title: 'A privilege of a group on single columns',
    why: 'A look at the privileges of the table does not show it, and revoking them from the outside is easily forgotten. The environment never grants columns.',
    whatToDo: 'Revoke the privilege on the column.',
  },
  public: {
    tools: ['check'],
    severity: 'fault or note',
    title: 'Privileges of PUBLIC',
    why: 'PUBLIC is every role, so every login has them. A fault is what `lockDown` takes away and is there again. Other privileges on tables and sequences are notes, because some extensions grant to PUBLIC on purpose.',
    whatToDo: 'Deploy the database stack for what `lockDown` covers. Revoke the rest if it is not meant.',
  },
  defaults: {
    tools: ['check'],
    severity: 'fault or note',
    title: 'Default privileges for somebody else',
    why: 'Everything that the owner group or creator makes from now on will be open to that role. It is a fault for owner groups of the environment, and a note for adopted groups and for creators.',
    whatToDo: 'Take it away with ALTER DEFAULT PRIVILEGES FOR ROLE … REVOKE …',
  },
  creator: {
    tools: ['check'],
    severity: 'note',
    title: 'An owner of tables whose next tables no group will reach',
    why: 'Default privileges hold for the role that creates. Tables of another creator are reached by the grants of a deploy, and the ones it makes afterwards are not.',
    whatToDo:
      'List the role in `creators`, or hand its tables over to an owner group and create them as that.',
  },
  'security-definer': {
    tools: ['check', 'review'],
    severity: 'fault or note',
    title: 'A SECURITY DEFINER function that PUBLIC may execute',
    why: 'It runs with the rights of its owner, whoever calls it, and PostgreSQL grants EXECUTE to PUBLIC on every new function. In a database it is a note; in a plan it is a fault, because somebody should look at its body first.',
    whatToDo: 'Look at the function. If not everybody should call it, REVOKE EXECUTE … FROM PUBLIC.',
  },
  admin: {
    tools: ['preflight'],
    severity: 'fault',
    title: 'The admin lacks what a deploy needs',
    why: 'To create roles the admin needs CREATEROLE, and to grant `rds_iam` or a predefined role it needs ADMIN on that. Without them the deploy fails half-way.',
    whatToDo: 'Run the statement of the finding as the master.',
  },
  'end-sessions': {
    tools: ['preflight'],
    severity: 'note',
    title: 'The admin cannot end the sessions of every login',
    why: '`aurora-iam revoke` sets NOLOGIN and then ends the open sessions. A token is checked when a connection is made and not afterwards, so without the second step an open session goes on.',
    whatToDo: 'As the master, grant `pg_signal_backend` to the admin.',
  },
  'search-path': {
    tools: ['preflight'],
    severity: 'note',
    title: "Others may create objects in the admin's search path",
    why: "Whoever may create in a schema of the admin's search path can plant a function that matches a call better than PostgreSQL's own, and the admin runs it (CVE-2018-1058). The tools of this project fix their own search path. The queries of Terraform's provider do not.",
    whatToDo: 'Run `ALTER ROLE <admin> SET search_path = pg_catalog;`, as [admin.md](../admin.md) describes.',
  },
  group: {
    tools: ['preflight'],
    severity: 'fault',
    title: 'A group of the environment exists already, and is a login',
    why: 'Groups cannot log in. The deploy would take LOGIN from the role, and whoever uses it would be shut out.',
    whatToDo: 'Choose another name for the group.',
  },
  existing: {
    tools: ['preflight'],
    severity: 'fault',
    title: 'A role exists already, and the deploy would fail or shut it out',
    why: 'A login with a password that comes into `rds_iam` can no longer use its password. From PostgreSQL 16 on, the admin needs ADMIN on a role to change, drop or grant it, and lacks that on what somebody else created, or what is older than an upgrade to 16. The provider cannot read settings in some units. No deploy makes memberships between adopted roles.',
    whatToDo:
      'Follow the finding: name a second login beside it, write `cutover: true`, or let the admin manage the role.',
  },
  'server-version': {
    tools: ['preflight'],
    severity: 'fault',
    title: 'A privilege that this version of PostgreSQL does not have',
    why: 'PostgreSQL has MAINTAIN on tables from version 17 on. On an earlier server the GRANT fails: `unrecognized privilege type`.',
    whatToDo: 'Take the privilege out of the environment, or upgrade the cluster first.',
  },
  'not-in-state': {
    tools: ['preflight'],
    severity: 'fault',
    title: 'A role of the environment exists and is not in the state of the database stack',
    why: 'Terraform would create it, and PostgreSQL would refuse: `role "x" already exists`. A deploy that was killed leaves such roles: they were made, and the state was not written any more. The SQL export makes the same roles. A cluster that was restored from a snapshot has them all, and a new state has none. A role from which `adopt: true` was taken is not in the state, either. A role that differs from what a deploy makes belongs to somebody else.',
    whatToDo:
      'Run `npx aurora-iam recover <env>`, which writes import blocks for one run. It refuses a role that belongs to somebody else: adopt that one with `adopt: true`, or choose another name. If you deploy the access as SQL, there is no state to look at: give `preflight` the option `--no-state`. [After a deploy that stopped half-way](../database-access.md#when-a-deploy-stopped-half-way), [after a restore from a snapshot](../database-access.md#a-cluster-restored-from-a-snapshot).',
  },
  cutover: {
    tools: ['preflight'],
    severity: 'note',
    title: 'A login is moved from its password to tokens',
    why: 'From its next connect on, its password is refused. Sessions that are open go on. The finding shows the statement that undoes it.',
    whatToDo: 'Make sure that the program can get a token before you deploy. Keep the way back at hand.',
  },
  'taken-away': {
    tools: ['preflight'],
    severity: 'fault or note',
    title: 'Privileges that an adopted group would lose',
    why: 'The provider revokes before it grants. To Terraform the grants are new, so no plan shows what goes. What the environment lists in `revokes` is a note.',
    whatToDo: 'Grant the privilege in the environment, or list it in `adopt: { revokes: […] }`.',
  },
  'lock-down': {
    tools: ['preflight'],
    severity: 'fault or note',
    title: '`lockDown` cannot be done, or takes CONNECT from somebody',
    why: 'Only the owner of a database, or a member of the owner, can take privileges on it from PUBLIC. Roles that could connect through PUBLIC only can no longer connect afterwards; they are named in a note.',
    whatToDo:
      'Set `lockDown: false`, run the REVOKE as the owner of the database, or grant CONNECT to those who need it.',
  },
} satisfies Record<string, RuleEntry>;
