import { Signer } from '@aws-sdk/rds-signer';

// The least that a token takes: the signer, with the default chain of credentials, and nothing else.
void new Signer({
  hostname: process.argv[2] as string,
  port: 5432,
  region: 'eu-west-1',
  username: 'analyst',
})
  .getAuthToken()
  .then((token) => process.stdout.write(`${token}\n`));
