import { type Cause, found, RULED_OUT } from '../cause';
import { seenOf, userWords } from '../words';
import { AFTER_TOKEN, insideCause } from './inside-cause';

const inside = insideCause({
  id: 'other-case',
  suspicion: 'the database user is written in another case (an admin of the database can tell)',
  excluded: ['pam', ...AFTER_TOKEN],
  judge: ({ role, alike }, facts) => {
    const [first] = alike;
    return !role && first !== undefined
      ? found(
          'other-case',
          userWords(facts),
          `does not exist; ${alike.map((name) => `"${name}"`).join(' and ')} does: upper and lower case count`,
          `connect as ${first}, with a token for ${first}, and name ${first} in the policy`,
        )
      : RULED_OUT;
  },
});

/** The environment knows the spelling without a look inside. */
export const otherCase: Cause = {
  ...inside,
  judge: (facts) => {
    const { environment, user } = facts.asked;
    const alike = environment?.logins.find(
      (login) => login !== user && login.toLowerCase() === user?.toLowerCase(),
    );
    if (
      alike !== undefined &&
      !environment?.isLogin &&
      !('value' in facts.inside) &&
      seenOf(facts)?.kind !== 'pam'
    )
      return found(
        'other-case',
        userWords(facts),
        `is not a login of environment ${environment?.name}; "${alike}" is: upper and lower case count`,
        `connect as ${alike}`,
      );
    return inside.judge(facts);
  },
};
