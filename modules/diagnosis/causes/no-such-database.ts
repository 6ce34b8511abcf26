import { found, RULED_OUT } from '../cause';
import type { Facts } from '../facts';
import { insideCause } from './inside-cause';

function toldOf({ asked }: Facts, databases: readonly string[] = []) {
  const there = databases.length === 0 ? '' : `; there is ${databases.slice(0, 5).join(', ')}`;
  return found(
    'no-such-database',
    `database ${asked.database}`,
    `does not exist: the token was accepted, and the login ends there${there}`,
    'name the database: --database <name>',
  );
}

export const noSuchDatabase = insideCause({
  id: 'no-such-database',
  suspicion: 'the database does not exist',
  shown: { kind: 'no-such-database', judge: (facts) => toldOf(facts) },
  judge: ({ database, databases }, facts) => (database ? RULED_OUT : toldOf(facts, databases)),
});
