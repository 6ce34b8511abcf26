import { quoteIdentifier } from '../../names/sql';
import { found, RULED_OUT } from '../cause';
import type { Facts } from '../facts';
import { userWords } from '../words';
import { insideCause } from './inside-cause';

function toldOf(facts: Facts) {
  return found(
    'no-login',
    userWords(facts),
    'has NOLOGIN: the token was accepted, and the role may not log in',
    `ALTER ROLE ${quoteIdentifier(facts.asked.user ?? '')} LOGIN; if it was not shut out on purpose (aurora-iam revoke does that)`,
  );
}

/** https://www.postgresql.org/docs/current/role-attributes.html */
export const noLogin = insideCause({
  id: 'no-login',
  suspicion: 'the role has NOLOGIN',
  shown: { kind: 'no-login', judge: toldOf },
  judge: ({ role }, facts) => (role && !role.login ? toldOf(facts) : RULED_OUT),
});
