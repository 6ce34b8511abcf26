import type { RuleEntry } from './entry';

const review = (title: string, why: string, whatToDo: string): RuleEntry => ({
  tools: ['review'],
  severity: 'fault',
  title,
  why,
  whatToDo,
});

/** What review finds in a plan, in the order in which it reports. */
export const REVIEW_ENTRIES = {
  'plan-incomplete': review(
    'A plan that failed, was made with `-target`, puts changes off, or has parts that the review does not know',
    'Such a plan does not say all that would be done. A review of it would say "no faults" of what it has not seen.',
    'Plan again, without `-target`, with a Terraform that this version knows.',
  ),
  'cluster-destroyed': review(
    'A cluster, instance or global cluster is destroyed or replaced',
    'Its data goes with it. Its resource id goes, too, so every policy that names it matches nothing afterwards.',
    'Find out which attribute forces it, and change that. If the cluster is to go, accept the fault.',
  ),
  'database-destroyed': review(
    'A database or schema is dropped',
    'All that is in it is dropped, too. Removing a resource from the program is enough for that.',
    'Take it out of the state instead: `terraform state rm <address>`.',
  ),
  provider: {
    ...review(
      'A provider that works elsewhere, as somebody else, without verified TLS, or from another publisher',
      'The provider block decides which account and server the plan is carried out on. Without `allowed_account_ids` nothing keeps it out of another account; without `verify-full` anybody on the way could be the database. With `--base`, a block that changed is a fault.',
      'Leave the block as the stacks write it. If the stack is your own, allow it with `--allow-foreign provider.<name>`.',
    ),
    severity: 'fault or note',
  },
  provisioner: review(
    'A command other than `aurora-iam schemas <environment>` runs during the apply',
    'It runs on the machine of the pipeline, with its credentials, and no plan shows what it does.',
    'Remove the provisioner. If it is your own, allow its resource with `--allow-foreign <address>`.',
  ),
  backend: review(
    'A state that is kept elsewhere than before, or in a backend that is neither `s3` nor `local`',
    'Terraform would look for the state elsewhere, find none, and create everything anew. A state can also hold secrets, which then lie in another place.',
    'Move the state first (`terraform init -migrate-state`). If the backend is your own, allow it with `--allow-foreign backend.<type>`.',
  ),
  'iam-authentication-off': {
    ...review(
      'IAM authentication of a cluster or instance is switched off',
      'No token is accepted afterwards, so nobody gets in through this project. A cluster that is created without it is a note.',
      'Leave `iam_database_authentication_enabled = true`.',
    ),
    severity: 'fault or note',
  },
  'public-access': review(
    'An instance gets an address on the internet',
    'Everybody can then try to connect. A policy for `rds-db:connect` cannot be limited to networks: `aws:SourceIp` is not supported for it.',
    'Leave `publicly_accessible` out, and reach the database from within the VPC.',
  ),
  'tls-off': review(
    '`rds.force_ssl` goes, or the parameters come from a group that the plan does not hold',
    'Without TLS passwords and data can be read on the way. RDS refuses IAM logins without TLS, but other roles could connect without it.',
    'Set `rds.force_ssl = 1` in the parameter group of the stack.',
  ),
  'encryption-off': review(
    'A cluster whose storage is not encrypted',
    'Snapshots and disks can be read by whoever gets hold of them.',
    'Set `storage_encrypted = true`.',
  ),
  'deletion-protection-off': review(
    'A cluster loses its deletion protection',
    'From then on one call, or one mistaken plan, can destroy it.',
    'Leave `deletion_protection = true`. If the cluster is to go, accept the fault.',
  ),
  'master-password': review(
    'The master gets a password that RDS does not manage',
    'The password would have to be known to somebody and kept somewhere. RDS creates and keeps one that nobody has to know.',
    'Leave `manage_master_user_password = true`, and write no password.',
  ),
  'logging-off': review(
    'A cluster no longer exports its `postgresql` or `iam-db-auth-error` log',
    'These logs say who came in and who was refused, and why. Without them a refused login can hardly be explained.',
    'Leave them in `enabled_cloudwatch_logs_exports`.',
  ),
  'backups-shortened': review(
    'Backups are kept for a shorter time',
    'RDS deletes the older ones.',
    'Leave `backup_retention_period`.',
  ),
  'resource-id-changed': {
    tools: ['review'],
    severity: 'note',
    title: 'The cluster or instance has another resource id, and so every ARN in the policies changes',
    why: 'Policies and tokens name the resource id, which is a new one when a cluster or instance is restored or recreated under its name; for instances, a blue/green switchover is reported to do the same. The ARN of the cluster or instance, with its name, is the same in the state and in the plan. The summary then tells in one line which rights follow to the new id. What somebody gains or loses besides is listed as always.',
    whatToDo:
      'Make sure that the change was meant: whoever can log in to the old one can log in to the new one after the apply. Then apply soon, because until then every token is refused.',
  },
  'policy-beyond-connect': review(
    'A policy comes to allow more than `rds-db:connect` on named logins and the look-up of one cluster',
    'The policies of these stacks are for connecting. Anything else in them is access that nobody asked for in the environment.',
    'Allow `rds-db:connect` on the ARN of each login, and no more. Give other rights in a policy of another stack.',
  ),
  'policy-restriction-removed': review(
    'A Deny or a condition goes',
    'The document allows more, without a word added to it. Such a change is easily overlooked in a diff.',
    'Leave the statement and its conditions in.',
  ),
  'policy-unknown': review(
    'What a policy says is known only after the apply, or IAM would refuse it',
    'Nobody can review a document that does not exist yet.',
    'Create what it names first, in a stack of its own, so that the plan shows the document.',
  ),
  'foreign-policy': review(
    'A policy is attached whose text is not in the plan',
    'What it allows cannot be seen, and it can be changed elsewhere without a plan. `arn:aws:iam::aws:policy/…` is an example.',
    'Attach only policies of the stack.',
  ),
  'permissions-boundary': review(
    'A role loses its permissions boundary, or gets another one',
    'A boundary limits what all policies of the role can give. Without it they all count in full.',
    'Leave the boundary as it is.',
  ),
  'trusts-everybody': review(
    'A role or resource lets in anybody',
    'No condition says who may assume it: one that always holds, or one that covers every subject of an identity provider, does not.',
    'Name who may, by account, role, or the exact subject of the token.',
  ),
  'foreign-trust': review(
    'A trust policy of another shape than `newRole` writes',
    'The shapes that `newRole` writes are understood: one service, one account, one subject. What another shape lets in would be a guess.',
    'Write the role with `newRole`. If it is your own, allow it with `--allow-foreign <address>`.',
  ),
  'into-rds-iam': review(
    'Anything but a login of the environment comes into `rds_iam`, directly or through another role',
    'RDS asks every member for a token, however indirect the membership is. A password user is then shut out, a master with a password included, and a group shuts out all its members. A master without a password is in `rds_iam` already: a resource that puts it there takes it out again when it goes.',
    'Put only logins of the environment into `rds_iam`.',
  ),
  'database-owner': review(
    'A database is given to an owner that is not a group of the plan',
    'The postgresql provider makes the admin a member of the owner, and leaves it so. If the owner is in `rds_iam`, the password of an admin that has one is refused from then on.',
    'Let a group of the plan own the database.',
  ),
  'foreign-membership': review(
    'A membership in a role that is neither a group of the plan nor one that `predefined()` takes',
    'What the role may do does not stand in the plan. A member of a login has all that the login has.',
    'Grant groups of the environment, or roles that `predefined()` takes.',
  ),
  'foreign-grantee': review(
    'Privileges for a role that is not a group of the plan',
    'Logins get their privileges from groups. A grant to another role is access that the environment does not show.',
    'Grant to a group, and put logins into it.',
  ),
  'login-with-powers': review(
    'A role gets SUPERUSER, CREATEROLE, CREATEDB, REPLICATION or BYPASSRLS',
    'These powers reach beyond every grant, so they belong to administrators.',
    'Leave the attribute out.',
  ),
  'login-by-password': review(
    'A login outside `rds_iam`, or one with a password',
    'It comes in without a token, so no policy decides about it, and somebody has to keep the password.',
    'Make it a member of `rds_iam`, and leave the password out.',
  ),
  'login-switched-off': review(
    'A login loses LOGIN',
    'Whoever uses it is refused from the next connect on.',
    'Remove the login from the environment if it is to go. To stop it at once, run `aurora-iam revoke`.',
  ),
  'login-leaves-rds-iam': review(
    'A login leaves `rds_iam`',
    'Its tokens are refused from then on, and a password would be accepted.',
    'Leave the membership in, or remove the login.',
  ),
  'admin-leaves-rds-iam': review(
    'A master or admin that logs in by IAM leaves `rds_iam`',
    'Nothing else lets it in. A master of this kind has no password, so it could not come back. A plan does not always show how the master logs in; if it has a password, leaving `rds_iam` is the cure, and you can accept the finding.',
    'Leave the membership as it is. Take the resource out of the state with a `removed` block (`destroy = false`).',
  ),
  'login-without-group': review(
    'A login loses its last group',
    'It can still connect, and do nothing: all its privileges come from groups.',
    'Give it a group, or remove the login.',
  ),
  'public-gains': review(
    'PUBLIC gets a privilege',
    'PUBLIC is every role of the server, including those that are made later.',
    'Grant the privilege to a group.',
  ),
  foreign: review(
    'Something that the stacks never write: a type, an argument, a data source, a module, an import',
    'The review knows what the stacks of an environment can do. What it does not know it cannot judge, so it refuses it.',
    'Remove it. If the stack is your own and holds more, say so with `--allow-foreign <type or address>`.',
  ),
  'unknown-value': review(
    'A value that is known only after the apply, where the stacks know it beforehand',
    'Nobody can review a value that does not exist yet.',
    'Write the value out, or apply first what it comes from.',
  ),
  secret: review(
    'A secret is in the plan in plain text',
    'It would also be in the state, and whoever reads plans or states has it. The review prints it nowhere.',
    'Take it from an ephemeral value, or from the environment of the process. Change the secret if the plan was stored.',
  ),
  acceptance: {
    tools: ['review'],
    severity: 'note',
    title: 'An acceptance that accepts nothing in these plans',
    why: 'An acceptance is bound to what would be done. Once that is done, or is another thing, it has no effect, and would only hide what it was for.',
    whatToDo: 'Take it out once it is no longer needed.',
  },
} satisfies Record<string, RuleEntry>;
