import type { Admin, Environment } from './environment';

const DEFAULT_ADMIN: Admin = { kind: 'rdsManagedSecret' };

export function adminOf(environment: Environment): Admin {
  return environment.admin ?? DEFAULT_ADMIN;
}
