import { quoteIdentifier } from '../../names/sql';
import { found, RULED_OUT } from '../cause';
import type { Facts } from '../facts';
import { userWords } from '../words';
import { insideCause } from './inside-cause';

function toldOf(facts: Facts) {
  const { database, user = '', environment } = facts.asked;
  return found(
    'no-connect-privilege',
    userWords(facts),
    `may not connect to database ${database}: the token was accepted, and CONNECT is missing`,
    environment?.isLogin
      ? `add the login to a group that has database ${database} in environment ${environment.name}, and deploy it`
      : `GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user)};`,
  );
}

export const noConnectPrivilege = insideCause({
  id: 'no-connect-privilege',
  suspicion: 'the login has no CONNECT on the database',
  shown: { kind: 'no-connect', judge: toldOf },
  judge: ({ database, role }, facts) =>
    role && database && !database.mayConnect ? toldOf(facts) : RULED_OUT,
});
