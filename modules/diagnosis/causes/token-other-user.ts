import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { tokenCommand } from '../words';
import { SIGNED_FOR_ANOTHER } from './token-suspicions';

export const tokenOtherUser: Cause = {
  id: 'token-other-user',
  step: 'token',
  suspicion: SIGNED_FOR_ANOTHER,
  judge: (facts) => {
    const { token, asked } = facts;
    if (!('value' in token)) return notLookedAt(token.notKnown);
    const user = token.value.shown.find(({ name }) => name === 'DBUser')?.value;
    if (user === undefined) return notLookedAt('the token names no user');
    if (asked.user === undefined) return notLookedAt('nothing says who connects: give --user');
    if (user === asked.user) return RULED_OUT;
    const shown = JSON.stringify(user);
    return found(
      'token-other-user',
      'the token',
      user.toLowerCase() === asked.user.toLowerCase()
        ? `is signed for ${shown}, and "${asked.user}" connects: upper and lower case count`
        : `is signed for ${shown}, and "${asked.user}" connects`,
      `sign for the user that connects: ${tokenCommand(facts)}`,
    );
  },
};
