import { code } from '../markdown';
import { plannedSecrets } from '../secrets';
import { fault, type Rule } from './rule';

export const secret: Rule = (plan) =>
  plannedSecrets(plan).map(({ address, what }) =>
    fault(
      'secret',
      address,
      `${code(what)} stands in the plan in clear, and would in the state; take it from an ephemeral value, or from the environment of the process`,
    ),
  );
