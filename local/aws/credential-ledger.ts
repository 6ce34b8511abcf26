import type { IssuedCredentials } from '../../modules/iam/caller';

/** What STS and IAM handed out since the AWS endpoint started. In memory only. */
export interface CredentialLedger {
  /** Remembers credentials; a second note under the same access key id replaces the first. */
  note(issued: IssuedCredentials): void;
  /** As DeleteAccessKey does: for good. */
  forget(accessKeyId: string): void;
  /** As UpdateAccessKey does: an inactive key is not found until it is active again. */
  setActive(accessKeyId: string, active: boolean): void;
  /** Expired credentials are found, too: only with them can somebody say that they are expired. */
  find(accessKeyId: string): IssuedCredentials | undefined;
}

/** moto's own dump of its data fails once a managed master password exists, so the secrets are noted as they pass. */
export function createCredentialLedger(): CredentialLedger {
  const issued = new Map<string, IssuedCredentials>();
  const inactive = new Set<string>();
  return {
    note: (credentials) => {
      issued.set(credentials.accessKeyId, credentials);
      inactive.delete(credentials.accessKeyId);
    },
    forget: (accessKeyId) => {
      issued.delete(accessKeyId);
      inactive.delete(accessKeyId);
    },
    setActive: (accessKeyId, active) => {
      if (active) inactive.delete(accessKeyId);
      else inactive.add(accessKeyId);
    },
    find: (accessKeyId) => (inactive.has(accessKeyId) ? undefined : issued.get(accessKeyId)),
  };
}
