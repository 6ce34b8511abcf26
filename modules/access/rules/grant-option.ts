import { type Finding, fault } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { placeOf, privilegeDifferences } from '../privilege-differences';

/** A group whose members may hand on what it has. */
export function grantOption({ model }: CheckQuestion, live: LiveAccess): Finding<'grant-option'>[] {
  return privilegeDifferences(model, live)
    .filter(({ grantable }) => grantable.length > 0)
    .map((difference) =>
      fault(
        'grant-option',
        `group ${difference.group}`,
        `may grant ${difference.grantable.join(', ')} on ${placeOf(difference)} to others`,
        'revoke the grant option',
      ),
    );
}
