import { type Environment, EnvironmentError, validateEnvironments } from '../../modules';

/** `path: message` of every fault of the environments. */
export function faultsOf(...environments: unknown[]): string[] {
  try {
    validateEnvironments(environments as Environment[]);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.faults.map(({ where, message, wayOut }) =>
      [`${where}: ${message}`, ...(wayOut === undefined ? [] : [wayOut])].join('; '),
    );
  }
  return [];
}
