import { STSServiceException } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { logIn } from '../../clients/postgresql/log-in';
import type { Environment } from '../../modules';
import { loginsOf } from '../../modules/environment/principals';
import { createOidcIssuer, type OidcIssuer } from '../aws/oidc-issuer';
import { assumeRole, type LocalDoor, makeToken } from './logins';
import { expectThat, type Report } from './report';
import { assumeRoleWithWebIdentity, type WebIdentity, webIdentityOf } from './web-identity';

/** What the checks of web identities look at. */
export interface WebIdentityScene {
  readonly report: Report;
  readonly door: LocalDoor;
  readonly environment: Environment;
  readonly awsEndpoint: string;
  readonly issuer: OidcIssuer;
  /** principal -> ARN of the role that the policies stack made for it */
  readonly newRoles: Readonly<Record<string, string>>;
  /** Remembers every token of the database, for the search for secrets at the end. */
  readonly used: Set<string>;
  /** Remembers every other secret that comes up. */
  readonly secrets: Set<string>;
}

/**
 * Each role for GitHub Actions or a service account of EKS lets in that workload, and nothing else.
 * @returns login -> credentials that got in
 */
export async function checkWebIdentities(
  scene: WebIdentityScene,
): Promise<Map<string, AwsCredentialIdentity>> {
  const { report, environment, awsEndpoint, door, issuer } = scene;
  const admitted = new Map<string, AwsCredentialIdentity>();
  // Another key, the same claims: what somebody would sign who is not the issuer.
  const impostor = await createOidcIssuer();
  for (const [key, principal] of Object.entries(environment.principals)) {
    const identity = webIdentityOf(principal);
    if (!identity) continue;
    const id = `web-identity.${key}`;
    const roleArn = () => {
      const arn = scene.newRoles[key];
      expectThat(arn !== undefined, 'the policies stack made no role for it');
      return arn;
    };
    issuer.standInFor(identity.issuer);
    impostor.standInFor(identity.issuer);
    const ask = async (changes: Partial<WebIdentity & { expiresAt: Date }> = {}, by = issuer) => {
      const jwt = by.issueToken({ ...identity, ...changes });
      scene.secrets.add(jwt);
      return assumeRoleWithWebIdentity(awsEndpoint, door.region, roleArn(), jwt);
    };

    await report.check(id, async () => {
      const credentials = await ask();
      remember(scene, credentials);
      for (const login of loginsOf(principal)) {
        await enter(scene, login, credentials);
        admitted.set(login, credentials);
      }
      return `${identity.subject} is in as ${loginsOf(principal).join(', ')}`;
    });
    const refused = (name: string, code: string, what: string, attempt: () => Promise<unknown>) =>
      report.check(`${id}.${name}`, async () => {
        const refusal = await refusalOf(attempt());
        expectThat(refusal === code, `${what}: ${refusal ?? 'got credentials'}, expected ${code}`);
        return `${what}: ${refusal}`;
      });
    for (const [name, subject] of Object.entries(identity.otherSubjects))
      await refused(name, 'AccessDenied', subject, () => ask({ subject }));
    const audience = 'https://example.com';
    await refused('other-audience', 'InvalidIdentityTokenException', `a token for ${audience}`, () =>
      ask({ audience }),
    );
    await refused('expired', 'ExpiredTokenException', 'a token that expired a second ago', () =>
      ask({ expiresAt: new Date(Date.now() - 1000) }),
    );
    await refused('other-key', 'InvalidIdentityTokenException', 'a token signed by somebody else', () =>
      ask({}, impostor),
    );
    await refused('no-token', 'AccessDenied', "the account's owner, by AssumeRole", async () =>
      assumeRole(awsEndpoint, door.region, roleArn()),
    );
  }
  return admitted;
}

async function enter(
  scene: WebIdentityScene,
  login: string,
  credentials: AwsCredentialIdentity,
): Promise<void> {
  const token = await makeToken(scene.door, login, credentials);
  scene.used.add(token);
  await logIn(scene.door, login, token, async (client) => {
    const { rows } = await client.query('SELECT session_user::text AS name');
    expectThat(rows[0].name === login, `is ${rows[0].name} and should be ${login}`);
  });
}

function remember(
  { secrets }: Pick<WebIdentityScene, 'secrets'>,
  { secretAccessKey, sessionToken }: AwsCredentialIdentity,
): void {
  secrets.add(secretAccessKey);
  if (sessionToken !== undefined) secrets.add(sessionToken);
}

/** The code of STS's refusal; undefined: it did not refuse. */
async function refusalOf(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof STSServiceException) return error.name;
    throw error;
  }
}
