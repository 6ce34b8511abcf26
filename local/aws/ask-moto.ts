import { request as httpRequest } from 'node:http';
import {
  type Ask,
  type AskedService,
  type AwsAnswer,
  type AwsRequest,
  header,
  readBody,
} from './aws-protocol';

/** Of one connection, not of a request: https://www.rfc-editor.org/rfc/rfc9110.html#section-7.6.1 */
const hopByHop = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  // The whole body is read before anything is passed on: there is nothing left to expect.
  ...['expect', 'content-length'],
]);

export function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}

/** Asks moto once, on a connection of its own. */
export function send(moto: string, { method, path, rawHeaders, body }: AwsRequest): Promise<AwsAnswer> {
  const { hostname, port } = new URL(moto);
  const headers = endToEnd(rawHeaders);
  if (body.length > 0 || header(rawHeaders, 'content-length') !== undefined) {
    headers.push('Content-Length', String(body.length));
  }
  // The type does not know the list of names and values in turn, which keeps their order and case.
  const options = {
    hostname,
    port,
    method,
    path,
    agent: false,
    headers: headers as unknown as Record<string, string>,
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(options, (answer) => {
      readBody(answer).then(
        (answered) =>
          resolve({ status: answer.statusCode ?? 502, rawHeaders: answer.rawHeaders, body: answered }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Services that are asked in JSON, and what stands before the action in `X-Amz-Target`; the others take a form. */
const JSON_TARGETS: Partial<Record<AskedService, string>> = {
  secretsmanager: 'secretsmanager',
  logs: 'Logs_20140328',
};

/** In whose name, and where, questions of our own are asked. */
export interface Asker {
  readonly accessKeyId: string;
  readonly region: string;
  /** Absent: moto takes the account of the access key. */
  readonly account?: string;
}

export function asker(moto: string, { accessKeyId, region, account: ownAccount }: Asker): Ask {
  return (service, action, parameters, { account = ownAccount } = {}) => {
    // moto reads account, region and service from here and verifies nothing.
    const credential = `${accessKeyId}/20000101/${region}/${service}/aws4_request`;
    const target = JSON_TARGETS[service];
    const form = () => new URLSearchParams({ Action: action, ...(parameters as Record<string, string>) });
    return send(moto, {
      method: 'POST',
      path: '/',
      rawHeaders: [
        ...['Host', new URL(moto).host],
        ...['Authorization', `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none`],
        ...[
          'Content-Type',
          target === undefined ? 'application/x-www-form-urlencoded' : 'application/x-amz-json-1.1',
        ],
        ...(target === undefined ? [] : ['X-Amz-Target', `${target}.${action}`]),
        ...(account ? ['x-moto-account-id', account] : []),
      ],
      body: Buffer.from(target === undefined ? form().toString() : JSON.stringify(parameters)),
    });
  };
}
