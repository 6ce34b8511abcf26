import { UserError } from '../error';
import { askedWith, type CredentialOptions, credentialsOf } from './credentials';
import { awsReason } from './reason';

/** The password in a secret as RDS writes it: JSON with `password`. It takes secretsmanager:GetSecretValue.
 *  @throws UserError, without anything of the secret in it */
export async function readSecretPassword(
  arn: string,
  region: string,
  options: CredentialOptions,
): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ region, credentials: await credentialsOf(options, region) });
  let text: string | undefined;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString;
  } catch (error) {
    throw new UserError(`The secret ${arn} cannot be read: ${awsReason(error, askedWith(options, region))}.`);
  } finally {
    client.destroy();
  }
  try {
    const { password } = JSON.parse(text ?? '') as { password?: unknown };
    if (typeof password === 'string' && password !== '') return password;
  } catch {
    // Reported below without the text, which is secret.
  }
  throw new UserError(`The secret ${arn} is not JSON with a password, as RDS writes it.`);
}
