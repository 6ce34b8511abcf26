import { createHash, createHmac } from 'node:crypto';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { SignatureV4 } from '@smithy/signature-v4';
import { dnsSuffixOf } from '../../modules/names/regions';

/** One question to a service that would need a client of megabytes for one or two calls. */
export interface SignedCall {
  /** As it stands in host names and in the credential scope: `sts`, `logs`, `monitoring`. */
  readonly service: 'sts' | 'logs' | 'monitoring';
  readonly region: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface SignedAnswer {
  readonly status: number;
  readonly body: string;
  /** The service's clock, from the `Date` header, and ours when the answer came. */
  readonly date: Date | undefined;
  readonly at: Date;
}

/** Longer than any answer takes; who waits for a diagnosis would rather have the rest. */
const TIMEOUT_MILLISECONDS = 6_000;

/** @throws what fetch throws where nobody answers */
export async function signedCall(
  { service, region, body, headers }: SignedCall,
  credentials: AwsCredentialIdentity,
): Promise<SignedAnswer> {
  const url = new URL(endpointOf(service, region));
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const { headers: signed } = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port ? { port: Number(url.port) } : {}),
    path: '/',
    query: {},
    headers: { ...headers, host: url.host },
    body,
  });
  const answer = await fetch(new URL('/', url), {
    method: 'POST',
    headers: signed,
    body,
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  const at = new Date();
  const date = new Date(answer.headers.get('date') ?? '');
  return {
    status: answer.status,
    body: await answer.text(),
    date: Number.isNaN(date.getTime()) ? undefined : date,
    at,
  };
}

/** AWS_ENDPOINT_URL, as the SDKs read it: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
function endpointOf(service: SignedCall['service'], region: string): string {
  const own = { sts: 'STS', logs: 'CLOUDWATCH_LOGS', monitoring: 'CLOUDWATCH' }[service];
  return (
    process.env[`AWS_ENDPOINT_URL_${own}`] ??
    process.env['AWS_ENDPOINT_URL'] ??
    `https://${service}.${region}.${dnsSuffixOf(region)}`
  );
}

/** As the signer wants it. */
class Sha256 {
  private readonly hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytes(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {}
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** The text of the first `<name>` that holds nothing but text. */
export function xmlText(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
