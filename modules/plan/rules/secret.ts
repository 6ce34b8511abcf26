import { code } from '../markdown';
import { plannedSecrets } from '../secrets';
import { fault, type Rule } from './rule';

export const secret: Rule<'secret'> = (plan) =>
  plannedSecrets(plan).map(({ address, what }) =>
    fault(
      'secret',
      address,
      `${code(what)} is in the plan in plain text, and would be in the state`,
      'take it from an ephemeral value, or from the environment of the process',
    ),
  );
