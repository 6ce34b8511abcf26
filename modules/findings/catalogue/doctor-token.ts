import { doctor, type RuleEntry } from './entry';

/** Why a login is refused, in the order that a login takes: the token, and what IAM says of it. */
export const DOCTOR_TOKEN_ENTRIES = {
  'not-a-token': doctor(
    'Something else in place of the token',
    'A token is the text `<host>:<port>/?Action=connect&DBUser=…`. Often the command that makes it failed, and its error, or nothing, was sent instead.',
    'Make the token by itself, look at its beginning, and stop if the command fails.',
  ),
  'token-encoded': doctor(
    'A token that is percent-encoded once too often, or once too little',
    'A token is made with escapes in it, and the signature covers them. In a URI the whole token must be encoded once more; in a password field, in `PGPASSWORD` and in the password option of a driver it must not be.',
    'Pass it on exactly as it was made. For a URI: `aurora-iam token --format uri`.',
  ),
  'token-damaged': doctor(
    'A token that was cut off or changed on its way',
    'Quotes, a line break, a missing end: every character counts, because the signature covers the rest.',
    'Pass the token on as one line, without quotes, and whole.',
  ),
  'token-cut-by-client': doctor(
    'A token that is longer than the client keeps',
    'A token of a role has 1,300 to 2,500 characters. Some clients keep fewer and say nothing: psql up to 13 cuts a password that is typed at its prompt at 100 characters, and some poolers and tools have a limit of 1,024 or less.',
    'Give psql the token in `PGPASSWORD`, which is not cut. Raise the limit of the pooler, or use a newer one.',
  ),
  'token-other-service': doctor(
    'A token for another service or action',
    'Aurora DSQL, ElastiCache and others use texts of the same form. RDS takes only `Action=connect`, signed for `rds-db`.',
    'Make it with `aws rds generate-db-auth-token` or `aurora-iam token`.',
  ),
  'token-other-user': doctor(
    'A token for another database user',
    'The user is part of what is signed. Upper and lower case count.',
    'Sign for the user that connects, written exactly as in PostgreSQL.',
  ),
  'token-other-host': doctor(
    'A token for another host or port',
    'Host and port are part of what is signed, and RDS knows its own: the endpoint and its port. Through a tunnel, clients sign for `localhost` and the port of the tunnel.',
    'Sign for the endpoint and its port, and dial the tunnel: `--host <endpoint> --through localhost:15432`.',
  ),
  'token-other-region': doctor(
    'A token for another region',
    'The region is part of what is signed. A client takes it from `AWS_REGION` or from the profile if it is not told.',
    'Sign for the region in the name of the endpoint.',
  ),
  'token-expired': doctor(
    'A token that is older than 15 minutes',
    'The age is checked when a connection begins. Open sessions go on; a pool that keeps the first token is refused with its next new connection.',
    'Sign a new token for each new connection: with a password function in the driver, or a proxy.',
  ),
  'policy-other-cluster': doctor(
    'A policy for another cluster, or for the identifier instead of the resource id',
    'IAM compares the ARN of the login with the policy as text. It contains the resource id (`cluster-` and capitals and digits), the region and the account. The identifier, the id of an instance of the cluster, and behind an RDS Proxy the id of the cluster match nothing. A restored cluster has a new resource id.',
    'Write the ARN that the finding shows.',
    '"arn:aws:rds-db:eu-west-1:111111111111:dbuser:orders/analyst"                      <- the identifier: matches nothing\n"arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKL01234/analyst"   <- the resource id',
  ),
  'policy-other-login': doctor(
    'A policy for this cluster that names other logins',
    'The name of the login is the last part of the ARN, and upper and lower case count.',
    'Add the ARN of this login, or connect as a login that the policy names.',
  ),
  'policy-missing': doctor(
    'An identity without a policy that allows `rds-db:connect`',
    'Connecting needs one permission: `rds-db:connect` on the ARN of the login. No `rds:` action, `rds:Describe*` included, gives it. IAM also needs some seconds before a change holds everywhere.',
    'Attach the statement that the finding shows to the identity that signs.',
  ),
  'other-identity': doctor(
    'A token that is signed by another identity than the one that may connect',
    'The policy is there, and it is attached to somebody else: to the execution role of an ECS task instead of the task role, to an IAM user while an IAM Identity Center role signs, or another profile is active.',
    'Sign as the identity that the finding names, or give the policy to the one that signs.',
  ),
  'policy-denied': doctor(
    'An explicit Deny',
    'A Deny in any policy wins over every Allow. "Revoke active sessions" of a role is one, too: it denies every session that began earlier.',
    'Change the statement that the finding names. After "Revoke active sessions", assume the role again.',
  ),
  'boundary-without-connect': doctor(
    'A permissions boundary that does not allow `rds-db:connect`',
    'A boundary limits what the policies of an identity can give. It must allow the action, too.',
    'Allow `rds-db:connect` in the boundary.',
  ),
  'session-policy': doctor(
    'A session policy that does not allow `rds-db:connect`',
    'Whoever assumes a role may pass a policy that limits the session. Both must allow the action.',
    'Assume the role without a session policy, or allow `rds-db:connect` in it.',
  ),
  'organization-policy': doctor(
    'A policy of the organization that does not allow `rds-db:connect`',
    'Service control policies limit every identity of an account. They are not visible from inside of the account.',
    'Ask who manages the organization to allow `rds-db:connect`.',
  ),
} satisfies Record<string, RuleEntry>;
