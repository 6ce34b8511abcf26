import { configurationChanges, configurationParts } from '../configuration';
import { code } from '../markdown';
import { fault, type Rule } from './rule';

/** Where the state is. A real plan does not say it; one without credentials carries it. */
export const backend: Rule<'backend'> = (plan, isAllowed) => [
  ...configurationParts(plan).flatMap(({ address, kind, value }) =>
    kind !== 'backend' || ['backend.local', 'backend.s3'].includes(address) || isAllowed(address)
      ? []
      : [
          fault(
            'backend',
            address,
            'would keep the state where these stacks never keep it',
            `if the stack is yours, allow it: --allow-foreign ${code(address)}`,
            value,
          ),
        ],
  ),
  ...configurationChanges(plan).flatMap(({ part, before, after }) =>
    part.kind !== 'backend' || before === undefined || isAllowed(part.address)
      ? []
      : [
          fault(
            'backend',
            part.address,
            `is ${after === undefined ? 'no longer the backend' : 'another backend than before'}: Terraform would look for the state elsewhere and create everything again`,
            'move the state first',
            [before, after],
          ),
        ],
  ),
];
