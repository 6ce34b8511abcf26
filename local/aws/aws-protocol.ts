/** One HTTP request to an AWS endpoint, read to its end. */
export interface AwsRequest {
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly path: string;
  /** Names and values in turn, as `IncomingMessage.rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface AwsAnswer {
  readonly status: number;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** What a request asks for. Nothing in it is verified: the signature is not looked at. */
export interface AwsCall {
  /** From the credential scope of the signature; `sts` for the calls of STS that nobody signs. */
  readonly service: string;
  readonly action: string;
  readonly region: string;
  /** Absent: the request is not signed. */
  readonly accessKeyId?: string;
  /** Of the query protocol: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonParameters.html */
  readonly parameters: URLSearchParams;
  readonly json: boolean;
}

/** Stands between a call and its answer: may refuse, look, add. Calls `forward` once at most. */
export type Handler = (call: AwsCall, forward: () => Promise<AwsAnswer>, ask: Ask) => Promise<AwsAnswer>;

export type AskedService = 'iam' | 'rds' | 'secretsmanager' | 'logs' | 'monitoring';

/**
 * A question of our own, in the account and region of the call unless another account is named.
 * `parameters`: texts; values of JSON where the service is asked in JSON
 */
export type Ask = (
  service: AskedService,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
  options?: { readonly account?: string },
) => Promise<AwsAnswer>;

export async function readBody(message: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** One header of a request or an answer, without regard to case; undefined: it is not there. */
export function header(rawHeaders: readonly string[], name: string): string | undefined {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) return rawHeaders[index + 1];
  }
  return undefined;
}

/** Reads the action, the signer and the parameters of a request, from the header and form or from the query. */
export function readCall(request: AwsRequest): AwsCall {
  const contentType = header(request.rawHeaders, 'content-type') ?? '';
  const parameters = new URLSearchParams(request.path.split('?')[1] ?? '');
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    for (const [name, value] of new URLSearchParams(request.body.toString())) parameters.append(name, value);
  }
  const target = header(request.rawHeaders, 'x-amz-target');
  // Smithy RPC v2, as CloudWatch's newer clients speak it: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
  const operation = /\/service\/\w+\/operation\/(\w+)$/.exec(request.path)?.[1];
  const action = target?.split('.').at(-1) ?? operation ?? parameters.get('Action') ?? '';
  const authorization = header(request.rawHeaders, 'authorization') ?? '';
  const credential =
    /Credential=([^,\s]+)/.exec(authorization)?.[1] ?? parameters.get('X-Amz-Credential') ?? '';
  // From the end: what comes before the date is the access key id.
  const [, service, region, , accessKeyId] = credential.split('/').reverse();
  const unsigned = /^AssumeRoleWith(SAML|WebIdentity)$/.test(action) ? 'sts' : '';
  return {
    service: service ?? unsigned,
    action,
    region: region ?? 'us-east-1',
    ...(accessKeyId ? { accessKeyId } : {}),
    parameters,
    json: contentType.startsWith('application/x-amz-json'),
  };
}

/**
 * The values of a list parameter, in order: `PolicyArns.member.1.arn`, `PolicyArns.member.2.arn`, …
 * @param field absent: the members are the values
 */
export function listParameter(parameters: URLSearchParams, list: string, field?: string): string[] {
  const values: string[] = [];
  for (let number = 1; ; number++) {
    const value = parameters.get(`${list}.member.${number}${field === undefined ? '' : `.${field}`}`);
    if (value === null) return values;
    values.push(value);
  }
}

/** An error as AWS's services write it: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
export function errorAnswer(
  call: Pick<AwsCall, 'json'>,
  status: number,
  code: string,
  message: string,
): AwsAnswer {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const body = call.json
    ? JSON.stringify({ __type: code, message })
    : `<ErrorResponse><Error><Type>${type}</Type><Code>${escapeXml(code)}</Code>` +
      `<Message>${escapeXml(message)}</Message></Error><RequestId>local-aurora</RequestId></ErrorResponse>`;
  const contentType = call.json ? 'application/x-amz-json-1.1' : 'text/xml';
  return { status, rawHeaders: ['Content-Type', contentType], body: Buffer.from(body) };
}

/** What stands between the first `<name>` and its end, as it stands there; undefined: there is no such element. */
export function innerXml(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`).exec(xml)?.[1];
}

/** The text of the first `<name>` that holds nothing but text; undefined: there is none, or it is empty. */
export function elementText(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]+)</${name}>`).exec(xml)?.[1];
  return text === undefined ? undefined : unescapeXml(text);
}

/** The same document with another text in each `<name>` that holds nothing but text. */
export function withElementText(xml: string, name: string, text: string): string {
  const pattern = new RegExp(`(<${name}(?:\\s[^>]*)?>)[^<]*(</${name}>)`, 'g');
  return xml.replace(pattern, (_, start: string, end: string) => start + escapeXml(text) + end);
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const namedEntities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hexadecimal) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    return namedEntities[name] ?? whole;
  });
}
