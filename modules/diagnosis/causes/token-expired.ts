import { CLOCK_SKEW_SECONDS, TOKEN_LIFETIME_SECONDS } from '../../iam/token';
import { ago } from '../ago';
import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { tokenCommand } from '../words';

export const tokenExpired: Cause = {
  id: 'token-expired',
  step: 'token',
  suspicion: 'the token is older than 15 minutes: a pool or a tool keeps it and logs in again',
  judge: (facts) => {
    const { token, now } = facts;
    if (!('value' in token)) return notLookedAt(token.notKnown);
    const { parts } = token.value;
    if (!parts) return notLookedAt('the token cannot be read to its end');
    const age = Math.floor((now.getTime() - parts.signedAt.getTime()) / 1000);
    if (parts.expiresSeconds < 1 || parts.expiresSeconds > TOKEN_LIFETIME_SECONDS)
      return found(
        'token-expired',
        'the token',
        `says that it is valid for ${parts.expiresSeconds} seconds (X-Amz-Expires); RDS takes 1 to ${TOKEN_LIFETIME_SECONDS}`,
        `sign one for 900 seconds: ${tokenCommand(facts)}`,
      );
    if (age > parts.expiresSeconds)
      return found(
        'token-expired',
        'the token',
        `is ${ago(age)} old, and was valid for ${ago(parts.expiresSeconds)}`,
        `sign a new one for each new connection: ${tokenCommand(facts)}`,
      );
    return age < -CLOCK_SKEW_SECONDS
      ? found(
          'token-expired',
          'the token',
          `is signed ${ago(-age)} in the future: the clock of the machine that made it is ahead, or this one is behind`,
          'set the clock with NTP, then sign a new one',
        )
      : RULED_OUT;
  },
};
