import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { type Fact, known, notKnown, type Signer } from '../../../modules/diagnosis/facts';
import { callerFromIdentity } from '../../../modules/iam/caller';
import { UserError } from '../../error';
import { askedWith, type CredentialOptions, credentialsOf } from '../credentials';
import { awsReason } from '../reason';
import { signedCall, xmlText } from '../signed-call';

/** Credentials that were found, before AWS is asked whose they are. */
export interface FoundCredentials {
  /** Undefined: there are none to sign with. */
  readonly credentials: AwsCredentialIdentity | undefined;
  /** Without its caller. */
  readonly signer: Signer;
}

/** Asks the default chain. A role that is to be assumed is assumed here. */
export async function findCredentials(options: CredentialOptions, region: string): Promise<FoundCredentials> {
  const beside = besideWords(options);
  try {
    const credentials = await quietly(async () => (await credentialsOf(options, region))());
    const { accessKeyId, expiration: expires } = credentials;
    const source = sourceWords(credentials, options);
    return {
      credentials,
      signer: { caller: undefined, accessKeyId, source, expires, beside, fault: undefined },
    };
  } catch (error) {
    return {
      credentials: undefined,
      signer: {
        caller: undefined,
        accessKeyId: undefined,
        source: options.profile ? `profile ${options.profile}` : 'the default chain',
        expires: undefined,
        beside,
        fault: { kind: faultKind(error as Error, options), message: reasonOf(error, options, region) },
      },
    };
  }
}

/** Who signs, and what AWS's clock says. */
export interface Identified {
  readonly signer: Signer;
  readonly clock: Fact<{ readonly there: Date; readonly here: Date }>;
}

/** Asks STS whose credentials they are: sts:GetCallerIdentity needs no permission. */
export async function identify(
  { credentials, signer }: FoundCredentials,
  options: CredentialOptions,
  region: string,
): Promise<Identified> {
  if (credentials === undefined)
    return { signer, clock: notKnown('AWS was not asked for its time: there are no credentials') };
  try {
    const answer = await signedCall(
      {
        service: 'sts',
        region,
        body: 'Action=GetCallerIdentity&Version=2011-06-15',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      credentials,
    );
    const clock = answer.date
      ? known({ there: answer.date, here: answer.at })
      : notKnown('the answer of AWS has no Date header');
    if (answer.status !== 200)
      return { clock, signer: { ...signer, fault: refusalOf(answer.body, options, region) } };
    const text = (name: string) => xmlText(answer.body, name) ?? '';
    const identity = { Arn: text('Arn'), UserId: text('UserId'), Account: text('Account') };
    return { clock, signer: { ...signer, caller: callerFromIdentity(identity) } };
  } catch (error) {
    return { clock: notKnown(`STS does not answer (${reason(error)})`), signer };
  }
}

function reason(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

function faultKind(error: Error, { role }: CredentialOptions): 'none' | 'expired' | 'refused' {
  if (/expired/i.test(`${error.name} ${error.message}`)) return 'expired';
  return role !== undefined && /AccessDenied|not authorized|sts:/i.test(`${error.name} ${error.message}`)
    ? 'refused'
    : 'none';
}

function reasonOf(error: unknown, options: CredentialOptions, region: string): string {
  return error instanceof UserError
    ? error.message.replace(/\.$/, '')
    : awsReason(error, askedWith(options, region));
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
function refusalOf(body: string, options: CredentialOptions, region: string): Signer['fault'] {
  const error = new Error(xmlText(body, 'Message') ?? '');
  error.name = xmlText(body, 'Code') ?? 'refused';
  const message = awsReason(error, askedWith(options, region));
  if (/^ExpiredToken/.test(error.name)) return { kind: 'expired', message };
  // The clock is another cause.
  if (
    /Signature (expired|not yet current)|RequestExpired|RequestTimeTooSkewed/i.test(
      `${error.name} ${error.message}`,
    )
  )
    return undefined;
  return { kind: 'refused', message };
}

/** What the SDK notes about where credentials came from. */
const SOURCES: readonly (readonly [feature: string, words: (options: CredentialOptions) => string])[] = [
  [
    'CREDENTIALS_STS_ASSUME_ROLE',
    ({ role, profile }) =>
      role ? `the role ${role}, assumed` : `a role that profile ${profileOf(profile)} assumes`,
  ],
  ['CREDENTIALS_PROFILE_SSO', ({ profile }) => `profile ${profileOf(profile)} (IAM Identity Center)`],
  ['CREDENTIALS_PROFILE_SSO_LEGACY', ({ profile }) => `profile ${profileOf(profile)} (IAM Identity Center)`],
  ['CREDENTIALS_SSO', ({ profile }) => `profile ${profileOf(profile)} (IAM Identity Center)`],
  ['CREDENTIALS_ENV_VARS', () => 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  [
    'CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN',
    () => 'the web identity of the environment (IRSA: AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE)',
  ],
  ['CREDENTIALS_PROFILE_STS_WEB_ID_TOKEN', ({ profile }) => `profile ${profileOf(profile)} (web identity)`],
  ['CREDENTIALS_PROFILE_PROCESS', ({ profile }) => `profile ${profileOf(profile)} (credential_process)`],
  ['CREDENTIALS_PROCESS', ({ profile }) => `profile ${profileOf(profile)} (credential_process)`],
  ['CREDENTIALS_PROFILE_LOGIN', ({ profile }) => `profile ${profileOf(profile)} (aws login)`],
  ['CREDENTIALS_LOGIN', ({ profile }) => `profile ${profileOf(profile)} (aws login)`],
  ['CREDENTIALS_PROFILE', ({ profile }) => `profile ${profileOf(profile)}`],
];

function sourceWords(credentials: AwsCredentialIdentity, options: CredentialOptions): string {
  const noted = (credentials as { $source?: Readonly<Record<string, unknown>> }).$source ?? {};
  const source = SOURCES.find(([feature]) => Object.hasOwn(noted, feature));
  if (options.role !== undefined) return `the role ${options.role}, assumed`;
  if (source) return source[1](options);
  if (process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'])
    return 'the container (EKS Pod Identity, or the task role of ECS)';
  if (process.env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']) return 'the task role of ECS';
  return 'the default chain (the instance profile, most likely)';
}

function profileOf(given: string | undefined): string {
  return given ?? process.env['AWS_PROFILE'] ?? 'default';
}

/** Other credentials that a client beside this one may take. */
function besideWords({ profile }: CredentialOptions): string | undefined {
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID } = process.env;
  if (AWS_ACCESS_KEY_ID && (profile ?? AWS_PROFILE) !== undefined)
    return `AWS_ACCESS_KEY_ID is set as well: the AWS CLI and most SDKs prefer it to AWS_PROFILE${profile === undefined ? '' : ', and --profile to it'}`;
  return undefined;
}

/** The SDK warns on the console of what `beside` says. */
async function quietly<T>(use: () => Promise<T>): Promise<T> {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await use();
  } finally {
    console.warn = warn;
  }
}
