import type { RuleEntry } from './entry';

const lint = (title: string, why: string, whatToDo: string, example?: string): RuleEntry => ({
  tools: ['lint'],
  severity: 'fault',
  title,
  why,
  whatToDo,
  ...(example === undefined ? {} : { example }),
});

/** In the order in which lint reports them. */
export const LINT_ENTRIES = {
  template: lint(
    'A template instead of a policy',
    'What is written as `${aws_db_instance.x.resource_id}`, `${AWS::AccountId}` or `Fn::Sub` is filled in by Terraform, CloudFormation or the CDK. Until then nothing can be said about it, and every other finding would be misleading. Policy variables such as `${aws:username}` are something else: IAM replaces them, and they stay in the policy.',
    'Lint what it renders to. With Terraform or CDKTF, plan it and run `aurora-iam review` on the plan.',
  ),
  malformed: lint(
    'A document that cannot be read as a policy of an identity',
    'IAM refuses such a document, or means something else by it than its author. Nothing else is looked at, because every other finding would be a guess.',
    'Correct the document first, then run lint again.',
  ),
  'too-long': lint(
    'A document that is longer than a managed policy may be',
    'A managed policy has at most 6,144 characters, not counting white space. IAM refuses a longer one.',
    'Divide the logins over several policies. An identity takes 10 managed policies by default.',
  ),
  id: lint(
    'An `Id`, which only policies of resources have',
    'The IAM grammar knows `Id` in policies that are attached to a resource. `rds-db` has no such policies.',
    'Leave it out. `Sid` names a statement.',
  ),
  'no-such-action': lint(
    'An action of `rds`, `rds-db` or `dsql` that does not exist',
    'IAM accepts any name, and one that no service has allows or denies nothing, without an error. `rds-db:connect` is the only action of `rds-db`. `rds:GenerateDBAuthToken`, which many policies have, does not exist: a token is signed locally, with no permission at all.',
    'Correct the name. To let somebody log in, write `rds-db:connect`.',
  ),
  'any-action': lint(
    'A wildcard in an allowed action of `rds-db`',
    'Connecting needs exactly one action. A wildcard also allows every action that AWS adds to the prefix later.',
    'Write `rds-db:connect`.',
  ),
  'wrong-prefix': lint(
    '`connect` of another service, such as `rds:connect` or `dsql:DbConnect`',
    'Connecting is decided on `rds-db:connect` alone. An action of another prefix lets nobody into a database. `dsql:DbConnect` is for Aurora DSQL, which is another service.',
    'Write `rds-db:connect`.',
  ),
  'describe-on-dbuser': lint(
    'An action of `rds` on the ARN of a login',
    'No action of `rds` takes a `dbuser` resource, so the statement grants nothing. Connecting needs no `rds:Describe…` at all: a token is signed locally. Only a program that looks up the cluster needs one.',
    'Remove the action. For a program that looks up the cluster, allow `rds:DescribeDBClusters` on the ARN of the cluster in a statement of its own.',
  ),
  'action-resource': lint(
    'An action of `rds` or `dsql` beside resources that it does not take',
    'Each action takes resources of certain types, and some work on `*` only. Beside anything else the statement allows or denies nothing, without an error. `rds:DescribeDBClusters` takes clusters, for example, and `rds:DescribeDBInstances` instances.',
    'Name a resource that the action takes, or give it a statement of its own with `"Resource": "*"`.',
  ),
  'not-action': lint(
    '`NotAction` that allows connecting',
    'Such a statement allows everything that it does not name, and `rds-db:connect` is among that.',
    'Write `Action: rds-db:connect`.',
  ),
  'not-resource': lint(
    '`NotResource` that allows connecting',
    'Such a statement lets in every login that it does not name, on every cluster, including clusters that are made later.',
    'List the ARNs of the logins in `Resource`.',
  ),
  'every-database': lint(
    'A resource that covers every login of every cluster',
    'Whoever has the policy may connect as anybody, the administrators included, wherever the login is in `rds_iam`. IAM completes an ARN with fewer than six fields with `*`, so a short one can mean this, too.',
    'Name each login: `arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/<login>`.',
  ),
  'short-arn': lint(
    'An ARN with fewer than six fields',
    'In a policy of an identity, IAM completes it with `*`: it covers every login of every cluster that the written fields leave open. In a session policy the same text is malformed.',
    'Write all six fields of the ARN.',
  ),
  'any-service': lint(
    'A wildcard instead of the service in an ARN',
    'The IAM manual allows no wildcard there. What such an ARN matches is not documented.',
    'Write `rds-db`.',
  ),
  'wrong-service': lint(
    'The ARN of another service beside `rds-db:connect`',
    '`rds-db:connect` is decided on `dbuser` ARNs of `rds-db` alone. The ARN of the cluster itself, `arn:…:rds:…:cluster:…`, never matches, so the login is refused.',
    'Write `arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/<login>`.',
  ),
  'old-version': lint(
    'A policy variable in a document whose `Version` has none',
    'Policy variables exist since version `2012-10-17`. In an older document `${aws:username}` is taken literally, and matches no login.',
    'Write `"Version": "2012-10-17"`.',
  ),
  'variable-place': lint(
    'A policy variable before the fifth colon of an ARN',
    'IAM replaces variables only in the last part of an ARN. Earlier they are literal text, and the ARN matches nothing.',
    'Write the partition, the region and the account.',
  ),
  'unknown-variable': lint(
    'A policy variable whose value at a login is not known',
    'AWS documents which keys a request carries, and this one is not among those known for `rds-db:connect`. If it has no value, the statement matches nothing; if it has another one than expected, it lets in somebody else.',
    'Name the logins. For IAM users, `${aws:username}` works; it does not for roles. For people who come by SAML, IAM Identity Center included, there is `${saml:sub}`.',
  ),
  'transient-name': lint(
    '`${saml:sub}` without asking for a persistent name',
    'The identity provider says of each name whether it is persistent. A transient one is made anew for each session, so it is no login; and whoever chooses it chooses the login. Whether logins see the SAML keys in every kind of session AWS does not document: try it before you rely on it.',
    'Add `"Condition": {"StringEquals": {"saml:sub_type": "persistent"}}`, as `documentOnly({ connectsAs: ownName([…]) })` does.',
  ),
  'any-account': lint(
    'A wildcard for the partition, the region or the account',
    'The logins of clusters in other regions or accounts are covered, too, and nobody sees from the policy which ones.',
    'Write all three, as the ARN of the cluster has them.',
  ),
  'incomplete-arn': lint(
    'An empty or impossible partition, region or account',
    'The ARN of a login always carries all three, and the account has 12 digits. An ARN without them matches nothing, so the login is refused.',
    'Write all three, as the ARN of the cluster has them.',
  ),
  partition: lint(
    'A partition that the region does not belong to',
    'Regions in China belong to `aws-cn`, GovCloud to `aws-us-gov`. An ARN with the wrong partition matches nothing.',
    'Write the partition of the region.',
  ),
  'any-cluster': lint(
    'A wildcard instead of the resource id',
    'The policy covers logins of the same name on every cluster of the account, including clusters that are made later.',
    'Write the resource id: `DbClusterResourceId` of `aws rds describe-db-clusters`.',
  ),
  'resource-type': lint(
    'A resource type other than `dbuser`, or one with a wildcard',
    '`dbuser` is the only resource type of `rds-db`, and the IAM manual allows no wildcard in a resource type. Another one matches nothing.',
    'Write `dbuser:<resource id>/<login>`.',
  ),
  'identifier-as-resource-id': lint(
    'The identifier of a cluster instead of its resource id',
    'IAM compares the text with the resource id (`cluster-` and capitals and digits). The identifier, which is the name in the console, never equals it, so every login ends with `PAM authentication failed`. This is a common cause of refused logins.',
    'Take `DbClusterResourceId` of `aws rds describe-db-clusters`. `db-…` is right for an RDS instance outside of Aurora, `prx-…` for RDS Proxy.',
    '"arn:aws:rds-db:eu-west-1:111111111111:dbuser:orders/analyst"                      <- the identifier: matches nothing\n"arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKL01234/analyst"   <- the resource id',
  ),
  'any-login': lint(
    'A wildcard in the name of a login',
    '`*` and `?` match other logins, too, including those that are made later. The master is among them if it is in `rds_iam`.',
    'Name each login.',
  ),
  login: lint(
    'A login that is not a PostgreSQL name, or hardly one',
    'The name is compared exactly, with upper and lower case, and has at most 63 bytes. What is no name of a role lets nobody in.',
    'Write the name alone, as `rolname` of `pg_roles` has it.',
  ),
  'empty-condition': lint(
    'A `Condition` without any operator',
    'What an empty condition means is not documented.',
    'Leave it out.',
  ),
  'unsupported-condition': lint(
    'A condition key that `rds-db:connect` does not support',
    'AWS documents that `aws:SourceIp`, `aws:SourceVpc`, `aws:SourceVpce`, `aws:VpcSourceIp`, `aws:UserAgent` and `aws:Referer` are not supported for `rds-db:connect`. A policy that relies on them does not limit what it seems to limit, or lets nobody in.',
    'Leave the key out for this action. Limit the network with security groups.',
  ),
  'unknown-condition': lint(
    'A condition key whose effect on `rds-db:connect` is not known',
    'A key that a request does not carry makes most conditions false, and some of them true. For this key, sources are missing or contradict each other.',
    'Do not rely on it.',
  ),
  'wrong-id': lint(
    'An id or a name that belongs to the cluster, and is not its resource id',
    '`lint --env` asks AWS. The id of an instance (`db-…`) never stands for the Aurora cluster that the instance is in; the identifier of a cluster, an instance or a proxy is not its resource id; and the partition, the region and the account must be those of the cluster. An ARN that differs in any of them matches nothing.',
    'Write the ARN that the finding names.',
  ),
  'other-database': {
    ...lint(
      'The resource id of a database that the environment does not have',
      '`lint --env` asks AWS for the resource id of every target of the environment. Another one may belong to another environment, to a cluster that was replaced, or be a slip.',
      'Take one of the ids that the finding lists, if a database of this environment is meant.',
    ),
    severity: 'note',
  },
  'no-such-login': lint(
    'A login that the environment does not have',
    'IAM compares the name exactly, and PostgreSQL does, too: `Jane` and `jane` are two logins. With a policy for a login that nobody created, every attempt ends with `PAM authentication failed` or `password authentication failed`.',
    'Correct the name, or add the login to the environment.',
  ),
  'lets-nobody-in': {
    ...lint(
      'A policy by which nobody can connect',
      'Taken together, the statements allow no login at all: none allows `rds-db:connect`, or those that do name nothing that is a login, or a `Deny` covers everything that they allow. It is reported only where it is certain. Of a policy that only looks up clusters it is a note.',
      'Allow `rds-db:connect` on `arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/<login>`, or narrow the `Deny`.',
    ),
    severity: 'fault or note',
  },
} satisfies Record<string, RuleEntry>;
