import { code } from '../markdown';
import { managed, text } from '../values';
import { fault, type Rule } from './rule';

export const databaseDestroyed: Rule<'database-destroyed'> = (plan) =>
  managed(plan).flatMap(({ address, type, change }) =>
    ['postgresql_database', 'postgresql_schema'].includes(type) && change.actions.includes('delete')
      ? [
          fault(
            'database-destroyed',
            address,
            `${code(text(change.before, 'name') ?? address)} would be dropped, with everything in it`,
            'take it out of the state instead: terraform state rm',
          ),
        ]
      : [],
  );
