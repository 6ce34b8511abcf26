import { type Finding, fault, note } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { placeOf, privilegeDifferences } from '../privilege-differences';

/** Privileges that an adopted group would lose. No plan shows this: the grants are new to Terraform. */
export function takenAway({ model }: CheckQuestion, live: LiveAccess): Finding<'taken-away'>[] {
  return privilegeDifferences(model, live).flatMap((difference) => {
    const { group, wanted, extra } = difference;
    const role = model.groups.find(({ name }) => name === group);
    // Where the model grants nothing, nothing is revoked either.
    if (wanted === undefined || !role?.adopted) return [];
    const refused = extra.filter((privilege) => !role.revokes.includes(privilege));
    const written = extra.filter((privilege) => role.revokes.includes(privilege));
    const place = placeOf(difference);
    return [
      ...(refused.length > 0
        ? [
            fault(
              'taken-away',
              `group ${group}`,
              `has ${refused.join(', ')} on ${place}, and would lose it`,
              `grant it in the environment, or write adopt: { revokes: [${refused.map((each) => `'${each}'`).join(', ')}] }`,
            ),
          ]
        : []),
      ...(written.length > 0
        ? [note('taken-away', `group ${group}`, `loses ${written.join(', ')} on ${place}, as revokes says`)]
        : []),
    ];
  });
}
