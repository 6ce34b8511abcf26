import { isResourceId, rdsParts } from './arn';
import { readEndpoint } from './endpoint';

/** What somebody gave in the place of an identifier of RDS, in words. */
export interface NotAnIdentifier {
  /** Such as `the ARN of cluster shop`. */
  readonly what: string;
  /** The identifier in it, where it has one. */
  readonly identifier: string | undefined;
}

const KIND_OF_ARN: Readonly<Record<string, string>> = { cluster: 'cluster', db: 'instance' };

/** Recognizes an ARN, an endpoint, a resource id and a URI. Undefined for anything else. */
export function notAnIdentifier(given: string): NotAnIdentifier | undefined {
  const parts = rdsParts(given);
  if (parts) {
    const kind = KIND_OF_ARN[parts.type];
    return kind === undefined
      ? { what: `an ARN (${parts.type})`, identifier: undefined }
      : { what: `the ARN of ${kind} ${parts.name}`, identifier: parts.name };
  }
  if (isResourceId(given) || /^prx-/.test(given))
    return { what: 'a resource id, as policies name it', identifier: undefined };
  const host = /^[a-z][a-z+]*:\/\/(?:[^@/]*@)?([^:/]+)/i.exec(given)?.[1] ?? given.replace(/:\d+$/, '');
  const endpoint = readEndpoint(host);
  if (endpoint.kind !== 'none' && endpoint.kind !== 'custom')
    return {
      what: `${host === given ? 'an endpoint' : 'an address with an endpoint in it'} of ${endpoint.name}`,
      identifier: endpoint.name,
    };
  return host === given ? undefined : { what: 'an address', identifier: undefined };
}
