import { unknownRegionNote } from '../../modules/names/regions';
import { oneLine } from '../../modules/names/text';

// Errors of the AWS SDK, in words that say what to do. Pure: what the process knows is handed in.

/** What was asked with, as far as it helps. */
export interface Asked {
  /** Undefined: the AWS default chain. */
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  /** AWS_ENDPOINT_URL, or the same for one service. */
  readonly endpointUrl?: string | undefined;
}

interface SdkError extends Error {
  readonly code?: string;
  readonly hostname?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

type Reason = (error: SdkError, message: string, asked: Asked) => string | undefined;

/**
 * Why AWS did not answer, and what to do, as one sentence or two without the last full stop.
 * @param error what the SDK threw: an answer of AWS, no credentials, no connection, or an answer that is none
 */
export function awsReason(error: unknown, asked: Asked): string {
  const known: SdkError = error instanceof Error ? error : new Error(String(error));
  const message = oneLine(known.message.replace(SDK_HINT, ''));
  for (const reason of REASONS) {
    const found = reason(known, message, asked);
    if (found !== undefined) return found;
  }
  // Only an answer of AWS has a name that says more than its text.
  const name = /^(Error|\w*ProviderError)$/.test(known.name) ? '' : `${known.name}: `;
  return oneLine(`${name}${message || known.code || 'no answer'}`).replace(/\.$/, '');
}

/** For whoever develops with the SDK. */
const SDK_HINT =
  /\s*Deserialization error: to see the raw response, inspect the hidden field \{error\}\.\$response.*$/s;

const ofProfile = ({ profile }: Asked) => (profile === undefined ? '' : ` of profile ${profile}`);
const logIn = ({ profile }: Asked) => `aws sso login${profile === undefined ? '' : ` --profile ${profile}`}`;

function lookAt(region: string | undefined): string {
  const unknown = region === undefined ? undefined : unknownRegionNote(region);
  return unknown === undefined
    ? 'Look at the network, and at the region'
    : `${unknown} Else look at the network`;
}

/** The first that knows the error says what it is. Names: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html
 *  and https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html */
const REASONS: readonly Reason[] = [
  (_error, message, asked) =>
    /\bSSO\b/.test(message) && /sso login|expired|invalid|not found/i.test(message)
      ? `the SSO session${ofProfile(asked)} has expired, or has not begun. Run ${logIn(asked)}`
      : undefined,
  ({ name }, message, asked) => {
    if (name !== 'CredentialsProviderError' && name !== 'ProviderError') return undefined;
    const which =
      asked.profile === undefined
        ? 'there are no credentials, neither in the environment nor in a profile nor from a role of this machine. Set AWS_PROFILE, or give --profile'
        : `profile ${asked.profile} gives no credentials. See what \`aws sts get-caller-identity --profile ${asked.profile}\` says`;
    return /^Could not load credentials from any providers/.test(message)
      ? which
      : `${which} (${message.replace(/\.$/, '')})`;
  },
  ({ name }, message) => {
    if (!/^(AccessDenied|UnauthorizedOperation|Forbidden)/.test(name)) return undefined;
    const [, who = '', action, on = '', because = ''] =
      /^(?:User: (\S+) is )?not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?(?: (because .*?|with an explicit deny.*?))?\.?$/i.exec(
        message,
      ) ?? [];
    if (action === undefined) return `access is denied (${message.replace(/\.$/, '')})`;
    const denied = `${who || 'this identity'} may not call ${action}${on ? ` on ${on}` : ''}`;
    const wayOut =
      action === 'sts:AssumeRole'
        ? "The role's trust policy must let this identity in, and its own policy must allow sts:AssumeRole"
        : /explicit deny/.test(because)
          ? `A statement denies it (${because}): allowing it elsewhere does not help`
          : `Allow ${action} in its policy, or sign with another identity (--profile, --role)`;
    return `${denied}. ${wayOut}`;
  },
  ({ name }) =>
    /^(Throttling|ThrottledException|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|ProvisionedThroughput)/.test(
      name,
    )
      ? 'AWS answers too many requests of this account at once (throttling). Try again in a minute'
      : undefined,
  ({ name }, _message, asked) =>
    /^(ExpiredToken|TokenRefreshRequired)/.test(name)
      ? `the credentials${ofProfile(asked)} have expired. Get new ones, such as by ${logIn(asked)}`
      : undefined,
  ({ name }) =>
    /^(RequestExpired|RequestTimeTooSkewed|SignatureNotYetCurrent)/.test(name)
      ? 'the request was signed at another time than AWS has. Set the clock of this machine'
      : undefined,
  ({ name }, _message, asked) =>
    /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|AuthFailure)/.test(name)
      ? `AWS does not know the access key${ofProfile(asked)}: it was deleted, is switched off, or belongs to another partition; or AWS_SESSION_TOKEN is missing beside a temporary one`
      : undefined,
  ({ name }, _message, asked) =>
    /^(SignatureDoesNotMatch|IncompleteSignature|InvalidSignatureException)/.test(name)
      ? `the secret access key${ofProfile(asked)} does not belong to the access key: copy both again`
      : undefined,
  ({ name }, _message, { region }) =>
    /^(OptInRequired|RegionDisabled\w*)$/.test(name)
      ? `the account has not switched on the region ${region ?? ''}`.trimEnd()
      : undefined,
  ({ code, hostname }, _message, { region }) =>
    code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      ? `no name server knows ${hostname ?? 'the endpoint of AWS'}. ${lookAt(region)}`
      : undefined,
  (error, message, { endpointUrl }) =>
    /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(error.code ?? '') ||
    error.name === 'TimeoutError'
      ? `AWS does not answer (${message || error.code}). ${endpointUrl === undefined ? 'A private network needs a VPC endpoint, or a proxy in front of it' : `AWS_ENDPOINT_URL is ${endpointUrl}: is that meant`}`
      : undefined,
  ({ code }, message) =>
    isUntrusted(code)
      ? `the certificate of the endpoint of AWS is not trusted (${message}). Where a proxy opens TLS, name its authority in NODE_EXTRA_CA_CERTS`
      : undefined,
  (error, _message, { endpointUrl }) => {
    const { $metadata: { httpStatusCode: status } = {} } = error;
    const unreadable =
      SDK_HINT.test(error.message) || /XML parse error/.test(error.message) || error instanceof SyntaxError;
    if (!unreadable) return undefined;
    return `what answered is not AWS${status === undefined ? '' : ` (HTTP ${status})`}: ${endpointUrl === undefined ? 'a proxy or a log-in page of the network stands in between' : `AWS_ENDPOINT_URL is ${endpointUrl}`}`;
  },
];

/** Codes of OpenSSL for a chain that ends in no authority that is trusted. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
export function isUntrusted(code: string | undefined): boolean {
  return /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_SELF_SIGNED)/.test(code ?? '');
}
