import { spawnSync } from 'node:child_process';

let mountable: boolean | undefined;

/** Whether `withHosts` works here: on Linux, as root. */
export function canMountHosts(): boolean {
  mountable ??= spawnSync('unshare', ['-m', 'mount', '--bind', '/etc/hosts', '/etc/hosts']).status === 0;
  return mountable;
}

/** A command line that runs a shell script with an /etc/hosts of its own. @param hosts the file */
export function withHosts(script: string, hosts: string): [string, ...string[]] {
  return ['unshare', '-m', 'sh', '-c', `mount --bind '${hosts}' /etc/hosts && { ${script}; }`];
}
