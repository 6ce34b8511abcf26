import { CLOCK_SKEW_SECONDS } from '../../iam/token';
import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
export const clockSkew: Cause = {
  id: 'clock-skew',
  step: 'clock',
  suspicion: 'the clock of the machine that signs is wrong',
  judge: ({ clock }) => {
    if (!('value' in clock)) return notLookedAt(clock.notKnown);
    const seconds = Math.round((clock.value.here.getTime() - clock.value.there.getTime()) / 1000);
    if (Math.abs(seconds) <= CLOCK_SKEW_SECONDS) return RULED_OUT;
    return found(
      'clock-skew',
      'the clock of this machine',
      `is ${Math.abs(seconds)} seconds ${seconds < 0 ? 'behind' : 'ahead of'} that of AWS`,
      'set it: turn on NTP (in WSL or a virtual machine that slept: sudo hwclock -s, or restart it)',
    );
  },
};
