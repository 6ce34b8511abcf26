import { type Finding, fault } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { placeOf, privilegeDifferences } from '../privilege-differences';

/** A privilege of a group on single columns, which a look at the table does not show. */
export function columns({ model }: CheckQuestion, live: LiveAccess): Finding<'columns'>[] {
  return privilegeDifferences(model, live)
    .filter(({ onColumns }) => onColumns.length > 0)
    .map((difference) =>
      fault(
        'columns',
        `group ${difference.group}`,
        `has ${difference.onColumns.join(', ')} on ${placeOf(difference)}, and the environment does not say so`,
        'revoke it',
      ),
    );
}
