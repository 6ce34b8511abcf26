import type { AwsCredentialIdentity } from '@aws-sdk/types';

/** Credentials that last as long as the process: kept while they are good, and loaded again before they expire. */
export interface KeptCredentials {
  /** @throws what the loading threw, if there are none that are good */
  get(): Promise<AwsCredentialIdentity>;
  /** What is kept was refused: the next call loads anew. Keys from a file say nothing of when they expire. */
  forget(): void;
}

/** From here on they are loaded again, while the old ones go on being used. */
const RENEW_BEFORE_MILLISECONDS = 5 * 60_000;
/** From here on nobody is given the old ones: the server would get to see them too late. */
const TOO_LATE_MILLISECONDS = 30_000;
/** While there are old ones, nobody is asked more often. */
const RETRY_MILLISECONDS = 10_000;

/**
 * @param load reads or fetches them anew each time
 * @param now milliseconds since the epoch
 * @param onFailure is told what went wrong while the old ones still serve
 */
export function keptCredentials(
  load: () => Promise<AwsCredentialIdentity>,
  { now = Date.now, onFailure = () => {} }: { now?: () => number; onFailure?: (error: Error) => void } = {},
): KeptCredentials {
  let kept: AwsCredentialIdentity | undefined;
  let loading: Promise<AwsCredentialIdentity> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let doubted = false;
  const left = () => (kept?.expiration ? kept.expiration.getTime() - now() : Number.POSITIVE_INFINITY);
  const renew = () => {
    // One at a time, however many connections come at once.
    loading ??= load()
      .then((loaded) => {
        kept = loaded;
        doubted = false;
        return loaded;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  return {
    async get() {
      if (kept === undefined || left() < TOO_LATE_MILLISECONDS) return renew();
      const old = kept;
      if (doubted) return renew().catch(() => old);
      if (left() < RENEW_BEFORE_MILLISECONDS && now() - triedAt > RETRY_MILLISECONDS) {
        triedAt = now();
        renew().catch(onFailure);
      }
      return kept;
    },
    forget() {
      doubted = true;
    },
  };
}
