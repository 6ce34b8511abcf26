import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunLog } from '../run-log';
import { asker, endToEnd, send } from './ask-moto';
import type { AssumeRules } from './assume-role';
import {
  type AwsAnswer,
  type AwsCall,
  type AwsRequest,
  errorAnswer,
  type Handler,
  header,
  readBody,
  readCall,
} from './aws-protocol';
import { type ClusterHooks, clusterHandlers } from './cluster-calls';
import type { CredentialLedger } from './credential-ledger';
import { identityHandlers } from './identity-calls';
import { type SimulationRules, simulationHandlers } from './simulation-calls';

export type { AnsweredCluster, ClusterHooks, CreatedCluster, ModifiedCluster } from './cluster-calls';

export interface AwsEndpointOptions extends ClusterHooks, AssumeRules, SimulationRules {
  /** URL of moto. */
  readonly moto: string;
  /** Learns the credentials that STS and IAM hand out. */
  readonly ledger: CredentialLedger;
  readonly log: RunLog;
  /** On 127.0.0.1. 0 or absent: a free one. */
  readonly port?: number;
  /** Runs before CloudWatch is asked: what is recorded elsewhere reaches moto now. */
  readonly beforeCloudWatch?: () => Promise<void>;
  /** Hears of each call once it is answered. */
  readonly onAnswer?: (request: AwsRequest, call: AwsCall, answer: AwsAnswer) => void;
}

export interface AwsEndpoint {
  /** `http://127.0.0.1:<port>`, for every service. */
  readonly url: string;
  /** Ends all connections. May be called twice. */
  stop(): Promise<void>;
}

/** Services of CloudWatch, as credential scopes name them. */
const CLOUDWATCH = ['logs', 'monitoring'];

/**
 * The AWS endpoint: passes each request on to moto and its answer back, judges who may assume a role, notes the
 * credentials handed out, gives a cluster its database before the client hears of it, and simulates policies. A request goes to moto once, on a connection of its own: only a
 * connection that is kept can drop under a request, and only a repeated request can do a thing twice.
 * While moto is not there, the answer is 502.
 * @throws if the port is taken.
 */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const { moto, ledger, log } = options;
  const handlers: Record<string, Handler> = {
    ...identityHandlers(ledger, log, options),
    ...clusterHandlers(options, log),
    ...simulationHandlers(options),
  };

  const serve = async (incoming: IncomingMessage): Promise<AwsAnswer> => {
    const request = await readRequest(incoming);
    const call = readCall(request);
    try {
      const forward = () => send(moto, request);
      if (CLOUDWATCH.includes(call.service)) await options.beforeCloudWatch?.();
      const answer = await (handlers[`${call.service}:${call.action}`]?.(
        call,
        forward,
        asker(moto, {
          accessKeyId: call.accessKeyId ?? 'local-aurora',
          region: call.region,
          account: header(request.rawHeaders, 'x-moto-account-id'),
        }),
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
