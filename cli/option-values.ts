import { InvalidArgumentError } from 'commander';

/** Of an option that may be given again. */
export function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new InvalidArgumentError('Expected a port number from 1 to 65535.');
  return port;
}

/** What `--role` takes. */
export const ROLE = 'an ARN, or in an environment a name or the key of a principal';
