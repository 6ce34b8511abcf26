import type { RuleEntry } from './entry';

const environment = (title: string, why: string, whatToDo: string): RuleEntry => ({
  tools: ['environment'],
  severity: 'fault',
  title,
  why,
  whatToDo,
});

/** What is wrong with an environment file, or with a construct of one's own stack. Every command that reads the file says so. */
export const ENVIRONMENT_ENTRIES = {
  'environment-shape': environment(
    'A field that is missing, unknown, or of another type or spelling',
    'Every value becomes a name in IAM, PostgreSQL or Terraform. What is not understood is refused rather than passed on.',
    'Write the field as [environment.md](../environment.md) describes it.',
  ),
  'environment-plain-data': environment(
    'A value that is not plain data, or one that only Terraform knows',
    'All names are checked before there is a stack. A value of another kind, or a reference to a Terraform resource, cannot be checked, and would become another name later.',
    'Write the name out in the program.',
  ),
  'environment-databases': environment(
    'A database that cannot be used',
    '`template0`, `template1` and `rdsadmin` belong to PostgreSQL or RDS. What is granted in `template1`, every new database inherits. A name with a control character cannot be passed to psql safely.',
    'Name a database of your own.',
  ),
  'environment-admin': environment(
    'An admin, tunnel or role that does not go together',
    'A token of an IAM admin is signed by the provider for the host that it connects to, as the process itself. Through a tunnel, or beside `assumeRole`, it would be refused. Logins and groups of the environment cannot be the admin.',
    'Use another admin, or another way to the database; [admin.md](../admin.md) lists them.',
  ),
  'environment-groups': environment(
    'A group that cannot be made as it is written',
    'The name belongs to PostgreSQL, RDS or the master, or a field has no meaning for the preset of the group.',
    'Change what the finding names.',
  ),
  'environment-logins': environment(
    'A login that cannot be made, or that could do nothing',
    'A login name stands in ARNs and tokens, where `*` and `?` are wildcards and case counts. A login without a group has no privileges. `rds_superuser` and `rds_ad` cannot be given: the first makes an administrator, the second excludes `rds_iam`.',
    'Change what the finding names.',
  ),
  'environment-principals': environment(
    'A principal that names what does not exist, or that IAM would refuse',
    'A policy for a login or target that does not exist lets nobody in. IAM limits the size of a policy and their number for an identity, and does not tell names of roles apart by case.',
    'Change what the finding names.',
  ),
  'environment-addresses': environment(
    'Two names that would have the same address in Terraform',
    'Addresses have fewer characters than PostgreSQL names. Two resources with one address would overwrite each other.',
    'Rename one of the two.',
  ),
  'environment-places': environment(
    'An account, region or ARN that contradicts another field',
    'ARNs carry a partition, a region and an account. Where two fields disagree, one of them means another place than the environment.',
    'Write the value that belongs to the account and region of the environment.',
  ),
  'environment-twice': environment(
    'Something that two environments or constructs both manage',
    "Two stacks that manage the same cluster, role or login undo each other's work at every deploy.",
    'Rename it, or remove it from one of them.',
  ),
  'construct-values': environment(
    'A value of a construct that cannot be used',
    'Constructs take values that Terraform knows later in a few places only, as [own-stack.md](../own-stack.md) lists. Everywhere else names must be known when the program runs.',
    'Write the name out, or give a reference where one is taken.',
  ),
  'certificate-authorities': environment(
    'A file of certificate authorities that cannot be used',
    'The certificate of the server is checked against these authorities. Without them anybody on the way could be the server.',
    'Name a PEM file, or leave it out for the authorities of RDS.',
  ),
} satisfies Record<string, RuleEntry>;
