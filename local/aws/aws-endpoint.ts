import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunLog } from '../run-log';
import type { AssumeRules } from './assume-role';
import {
  type Ask,
  type AwsAnswer,
  type AwsCall,
  type AwsRequest,
  errorAnswer,
  type Handler,
  header,
  readCall,
} from './aws-protocol';
import { type ClusterHooks, clusterHandlers } from './cluster-calls';
import type { CredentialLedger } from './credential-ledger';
import { identityHandlers } from './identity-calls';

export type { AnsweredCluster, ClusterHooks, CreatedCluster, ModifiedCluster } from './cluster-calls';

export interface AwsEndpointOptions extends ClusterHooks, AssumeRules {
  /** URL of moto. */
  readonly moto: string;
  /** Learns the credentials that STS and IAM hand out. */
  readonly ledger: CredentialLedger;
  readonly log: RunLog;
  /** On 127.0.0.1. 0 or absent: a free one. */
  readonly port?: number;
  /** Hears of each call once it is answered. */
  readonly onAnswer?: (request: AwsRequest, call: AwsCall, answer: AwsAnswer) => void;
}

export interface AwsEndpoint {
  /** `http://127.0.0.1:<port>`, for every service. */
  readonly url: string;
  /** Ends all connections. May be called twice. */
  stop(): Promise<void>;
}

/** Of one connection, not of a request: https://www.rfc-editor.org/rfc/rfc9110.html#section-7.6.1 */
const hopByHop = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  // The whole body is read before anything is passed on: there is nothing left to expect.
  ...['expect', 'content-length'],
]);

/**
 * The AWS endpoint: passes each request on to moto and its answer back, judges who may assume a role, notes the
 * credentials handed out, and gives a cluster its database before the client hears of it. A request goes to moto once, on a connection of its own: only a
 * connection that is kept can drop under a request, and only a repeated request can do a thing twice.
 * While moto is not there, the answer is 502.
 * @throws if the port is taken.
 */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const { moto, ledger, log } = options;
  const handlers: Record<string, Handler> = {
    ...identityHandlers(ledger, log, options),
    ...clusterHandlers(options, log),
  };

  const serve = async (incoming: IncomingMessage): Promise<AwsAnswer> => {
    const request = await readRequest(incoming);
    const call = readCall(request);
    try {
      const forward = () => send(moto, request);
      const answer = await (handlers[`${call.service}:${call.action}`]?.(
        call,
        forward,
        asker(moto, request, call),
      ) ?? forward());
      // Only names that look like one: what a client sends is not to be trusted in a log.
      if (/^[a-z0-9-]+:\w+$/.test(`${call.service}:${call.action}`))
        log.write('aws', `${call.service} ${call.action} ${answer.status}`);
      options.onAnswer?.(request, call, answer);
      return answer;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      log.write('aws', `no answer from moto: ${reason}`);
      return errorAnswer(
        call,
        502,
        'BadGateway',
        `The AWS endpoint of Local Aurora got no answer from moto: ${reason}`,
      );
    }
  };

  const server = createServer((incoming, outgoing) => {
    serve(incoming).then(
      ({ status, rawHeaders, body }) => {
        const headers = endToEnd(rawHeaders);
        // The length of an answer to HEAD is that of a body which is not sent.
        const length =
          incoming.method === 'HEAD' ? header(rawHeaders, 'content-length') : String(body.length);
        if (length !== undefined && status !== 204 && status !== 304) headers.push('Content-Length', length);
        outgoing.writeHead(status, headers).end(body);
      },
      // The client went away in the middle of its request.
      () => outgoing.destroy(),
    );
  });
  // Longer than any client keeps a connection: so it is never closed just when the next request is on its way.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: options.port ?? 0 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<AwsRequest> {
  return {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    rawHeaders: incoming.rawHeaders,
    body: await readBody(incoming),
  };
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function send(moto: string, { method, path, rawHeaders, body }: AwsRequest): Promise<AwsAnswer> {
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

function asker(moto: string, request: AwsRequest, call: AwsCall): Ask {
  return (service, action, parameters, { account } = {}) => {
    // moto reads account, region and service from here and verifies nothing.
    const credential = `${call.accessKeyId ?? 'local-aurora'}/20000101/${call.region}/${service}/aws4_request`;
    const otherAccount = account ?? header(request.rawHeaders, 'x-moto-account-id');
    const json = service === 'secretsmanager';
    return send(moto, {
      method: 'POST',
      path: '/',
      rawHeaders: [
        ...['Host', new URL(moto).host],
        ...['Authorization', `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none`],
        ...['Content-Type', json ? 'application/x-amz-json-1.1' : 'application/x-www-form-urlencoded'],
        ...(json ? ['X-Amz-Target', `${service}.${action}`] : []),
        ...(otherAccount ? ['x-moto-account-id', otherAccount] : []),
      ],
      body: Buffer.from(
        json ? JSON.stringify(parameters) : new URLSearchParams({ Action: action, ...parameters }).toString(),
      ),
    });
  };
}

function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}
