import type { LiveAccess } from '../catalog';
import { type AccessFinding, type CheckQuestion, fault } from '../finding';
import { placeOf, privilegeDifferences } from '../privilege-differences';

/** A group whose members may hand on what it has. */
export function grantOption({ model }: CheckQuestion, live: LiveAccess): AccessFinding[] {
  return privilegeDifferences(model, live)
    .filter(({ grantable }) => grantable.length > 0)
    .map((difference) =>
      fault(
        'grant-option',
        `group ${difference.group} may grant ${difference.grantable.join(', ')} on ${placeOf(difference)} to others; revoke the grant option`,
      ),
    );
}
