import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { endToEnd, send } from '../../local/aws/ask-moto';
import { type AwsAnswer, type AwsCall, errorAnswer, readBody, readCall } from '../../local/aws/aws-protocol';

/** Answers a call itself, or not. @param forward the answer of Local Aurora, to be changed */
export type Decision = (
  call: AwsCall & { readonly body: string },
  forward: () => Promise<AwsAnswer>,
) => AwsAnswer | Promise<AwsAnswer> | undefined;

/** Before Local Aurora's AWS endpoint: refuses what a level may not ask, and answers what nobody can build. */
export interface AwsEdge {
  readonly url: string;
  /** Calls that came since `set`, as `service:Action`. */
  readonly calls: readonly string[];
  /** @param delay milliseconds before each answer: a round trip to AWS */
  set(rules: { readonly allowed: RegExp; readonly decide?: Decision; readonly delay?: number }): void;
  stop(): Promise<void>;
}

export async function startAwsEdge(endpoint: string): Promise<AwsEdge> {
  let rules: Parameters<AwsEdge['set']>[0] = { allowed: /./ };
  const calls: string[] = [];
  const serve = async (incoming: IncomingMessage): Promise<AwsAnswer> => {
    const request = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      rawHeaders: incoming.rawHeaders,
      body: await readBody(incoming),
    };
    const call = readCall(request);
    const name = `${call.service}:${call.action}`;
    calls.push(name);
    if (rules.delay) await setTimeout(rules.delay);
    const forward = () => send(endpoint, request);
    if (rules.allowed.test(name))
      return (await rules.decide?.({ ...call, body: request.body.toString() }, forward)) ?? forward();
    const message = `User: somebody is not authorized to perform: ${name.replace(/^monitoring:/, 'cloudwatch:')} on resource: *`;
    return errorAnswer(call, 403, call.json ? 'AccessDeniedException' : 'AccessDenied', message);
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming).then(
      ({ status, rawHeaders, body }) =>
        outgoing
          .writeHead(status, [...endToEnd(rawHeaders), 'Content-Length', String(body.length)])
          .end(body),
      () => outgoing.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    set(next) {
      rules = next;
      calls.length = 0;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
