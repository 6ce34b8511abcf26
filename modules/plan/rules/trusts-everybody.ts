import { trustsEverybody } from '../../iam/trust-statements';
import { code } from '../markdown';
import { addedStatements } from './foreign-trust';
import { fault, type Rule } from './rule';

/** A role or a resource that somebody could use whom nobody named. */
export const trustsEverybodyRule: Rule<'trusts-everybody'> = (plan) =>
  addedStatements(plan)
    .filter(({ statement }) => trustsEverybody(statement))
    .map(({ address, name, statement }) =>
      fault(
        'trusts-everybody',
        address,
        `${code(name)} would let in anybody: any account, or any subject of the identity provider`,
        'name who may',
        statement,
      ),
    );
