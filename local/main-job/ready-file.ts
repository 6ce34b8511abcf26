import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a client from outside needs to try the door of a running Local Aurora. */
export interface Ready {
  readonly aws: { readonly endpoint: string; readonly region: string };
  readonly database: {
    /** For the token, and for the check of the certificate. */
    readonly endpoint: string;
    /** For the connection. */
    readonly hostaddr: string;
    readonly port: number;
    readonly name: string;
    /** PEM file. */
    readonly ca: string;
  };
  /** Roles to assume at the AWS endpoint, and as whom each may connect. */
  readonly principals: readonly { readonly role: string; readonly logins: readonly string[] }[];
  /** A folder. Why the gate refused somebody is in `iam-db-auth-error.log`. */
  readonly logs: string;
  /** A file to `source`, which leads the AWS CLI, Terraform and aurora-iam here. */
  readonly shell: string;
  /** The process that serves this. */
  readonly pid: number;
}

/** Writes the file at once, whole. @returns how to remove it again, if it is still ours */
export function writeReadyFile(path: string, ready: Ready): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(ready, null, 2)}\n`);
  renameSync(temporary, path);
  return () => {
    if (readPid(path) === process.pid) rmSync(path, { force: true });
  };
}

/** Whether another run that is still alive has written this file. */
export function isTaken(path: string): boolean {
  const pid = readPid(path);
  return pid !== undefined && pid !== process.pid && isRunning(pid);
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readPid(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as Partial<Ready>).pid;
  } catch {
    return undefined;
  }
}
