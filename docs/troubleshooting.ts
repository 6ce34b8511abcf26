import type { Message } from '../modules/diagnosis/messages/message';
import { MESSAGES } from '../modules/diagnosis/messages/messages';
import { catalogue } from '../modules/findings/catalogue';

/** docs/troubleshooting.md: message -> what it proves -> causes in order of frequency -> what mends them. */
export function troubleshooting(): string {
  return `<!-- Made by \`npm run docs\` from modules/diagnosis/messages/ and modules/findings/catalogue/. -->
# When a login is refused

Let \`doctor\` look first. It tries the login, compares the token, the identity, its policies, the cluster, the clock and the inside of
PostgreSQL with each other, and names the first cause that explains what it saw. It only reads, and never prints a signature, a session
token or a password.

\`\`\`sh
npx aurora-iam doctor shop analyst                          # an environment and a login: the whole look
npx aurora-iam doctor --host <endpoint> --user analyst      # no environment, no permission but rds-db:connect
npx aurora-iam doctor shop analyst --as analysts            # asked by an administrator: why can that principal not connect?
pbpaste | npx aurora-iam doctor --token -                   # only a token: what is in it, and what happened to it
npx aurora-iam doctor --message 'FATAL: PAM authentication failed for user "analyst"'
\`\`\`

Exit codes: 0 the login is right, 1 a cause was found, 2 refused and no cause found, 3 it could not look.

\`connect\` and the proxy help themselves: after a refusal they say who signed, and either the cause or the command to run.

### What it may look at

The more you may see, the surer the answer. A missing permission is named, with what it would have shown. Causes that could not be checked
are listed, the most frequent first.

| With | It also sees |
| --- | --- |
| nothing but \`rds-db:connect\` | who signs, the endpoint, the network, TLS, the clock, the token, and what the server answers |
| \`rds:DescribeDBClusters\`, \`rds:DescribeDBInstances\`, \`rds:DescribeDBProxies\` | whether IAM authentication is on or pending, the state of the cluster, whether it is an express cluster, the resource id that policies must name, the mode of a proxy |
| \`iam:GetRole\`, \`iam:ListAttachedRolePolicies\`, \`iam:ListRolePolicies\`, \`iam:GetRolePolicy\`, \`iam:GetPolicy\`, \`iam:GetPolicyVersion\`; for users and groups the same | the policies and the boundary, evaluated on your machine: which statement is wrong, and how |
| \`iam:SimulatePrincipalPolicy\` | what IAM decides, with the policies of the organization |
| \`iam:GetAccountAuthorizationDetails\` | who else has the policy |
| \`logs:FilterLogEvents\` on the log groups of the cluster, \`cloudwatch:GetMetricData\` | why RDS refused this user in the last minutes; throttling, and errors of its own |
| the environment's admin, or \`--look-as <user>\` with \`PGPASSWORD\` or a token | the inside of PostgreSQL: whether the user exists in this case, LOGIN, \`rds_iam\` and by which way, \`rds_ad\`, CONNECT, limits |

Only STS knows a session policy. If everything else allows the login, it stays on the list.

## A story from 2022, and its answer

Somebody set up IAM authentication, and no login worked. \`rds-db:connect\` was in the policy. Then \`rds:Describe*\` was added to the same
statement, it worked, and so it stayed: "because it worked". psql connected; TablePlus and Postico never did. At its end, the write-up
asked which Describe permissions are really needed.

**None.** A token is signed on your own machine, and connecting is decided on \`rds-db:connect\` alone. No \`rds:\` action takes the ARN of a
login as its resource, so beside one it grants nothing. A program that _looks up_ the cluster needs one action,
\`rds:DescribeDBClusters\`, in a statement of its own on the ARN of the cluster. \`aurora-iam lint\` finds this mistake
([describe-on-dbuser](rules/describe-on-dbuser.md)).

Why it seemed to help cannot be known afterwards. What usually happens in such an edit, the most likely first:

1. The \`Resource\` was corrected in the same edit: the resource id instead of the identifier ([policy-other-cluster](rules/policy-other-cluster.md)).
2. It gave time to something else: IAM needs some seconds before a change holds everywhere, and turning on IAM authentication
   waits for the maintenance window unless it is applied immediately ([authentication-off](rules/authentication-off.md)).
3. A new token replaced one that was older than 15 minutes ([token-expired](rules/token-expired.md)).
4. Another identity signed ([other-identity](rules/other-identity.md)).

**And the graphical clients.** A pasted token fails in three ways: it is older than 15 minutes by the next tab or reconnect, which is a
new login ([token-expired](rules/token-expired.md)); it is percent-encoded once too often or too little
([token-encoded](rules/token-encoded.md)); or the client does not insist on TLS ([not-encrypted](rules/not-encrypted.md)).
In 2022, neither of the two could run a command for the password.
[clients/](clients/README.md) says what works today, client by client.

## From the message to the cause

What the client has printed is in the left column. With \`sslmode=prefer\`, psql prints two lines: the **first** one counts.

| The client says | What it proves |
| --- | --- |
${MESSAGES.filter(isOfClients).map(row).join('\n')}

The logs that RDS can export say more. Turn them on once:
\`aws rds modify-db-cluster --db-cluster-identifier shop --cloudwatch-logs-export-configuration '{"EnableLogTypes":["iam-db-auth-error","postgresql"]}'\`

| The log says | What it proves |
| --- | --- |
${MESSAGES.filter((message) => !isOfClients(message))
  .map(row)
  .join('\n')}

${MESSAGES.filter(({ causes }) => causes.length > 0)
  .map(section)
  .join('\n')}
## What is not a cause

- \`VALID UNTIL\` limits passwords only. A role whose password has expired is still admitted with a token.
- \`rds:Describe*\`, \`rds:*\` and \`rds:GenerateDBAuthToken\` (which does not exist): connecting needs none of them.
- Making a token cannot fail for want of permissions. Whoever has any credentials can make one.
`;
}

function isOfClients({ kind }: Message): boolean {
  return !kind.startsWith('log-');
}

function row(message: Message): string {
  const link =
    message.causes.length > 0 ? `[${code(message.shown)}](#${anchor(message)})` : code(message.shown);
  return `| ${link} | ${cell(message.proves)} |`;
}

function section(message: Message): string {
  const rows = message.causes.map((id) => {
    const { title, whatToDo } = catalogue[id];
    return `| [${id}](rules/${id}.md) | ${cell(title)} | ${cell(whatToDo)} |`;
  });
  return `### ${message.kind}

${code(message.shown)}

It proves: ${message.proves}

It leaves open: ${message.leaves}

| ${message.causes.length > 1 ? 'Cause, the most frequent first' : 'Cause'} | | What mends it |
| --- | --- | --- |
${rows.join('\n')}
`;
}

/** GitHub's anchor of the heading. */
function anchor({ kind }: Message): string {
  return kind;
}

function code(text: string): string {
  return `\`${text.replace(/[|]/g, '\\$&')}\``;
}

/** In a table, a bar would begin another cell, and \`<\` an element outside of code. */
function cell(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 0 ? part.replace(/[<|]/g, '\\$&') : part.replaceAll('|', '\\|')))
    .join('');
}
