import { CONNECT } from '../../iam/actions';
import { found } from '../cause';
import { type Facts, knownOf } from '../facts';
import { loginArn } from '../permission';
import { signerWords, userWords } from '../words';
import { permissionCause } from './permission-cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html */
export const policyMissing = permissionCause('policy-missing', (refusal, facts) => {
  if (refusal.layer !== 'identity' && refusal.layer !== 'some') return undefined;
  // Other causes say what the nearest statement has wrong.
  if (
    refusal.layer === 'identity' &&
    refusal.near.some(
      ({ differs }) => differs.length === 0 || !differs.includes('login') || differs.length === 1,
    )
  )
    return undefined;
  const own = knownOf(facts.permission.policies)?.caller;
  const hint = refusal.layer === 'identity' && refusal.lint[0] ? ` (${refusal.lint[0]})` : '';
  return found(
    'policy-missing',
    own?.arn ?? signerWords(facts),
    refusal.layer === 'some'
      ? `may not connect as ${userWords(facts)}: ${refusal.says}`
      : `has no policy that allows ${CONNECT} as ${userWords(facts)}${hint}`,
    `attach ${statementFor(facts)}${own ? ` to ${own.kind === 'user' ? 'user' : 'role'} ${own.name}` : ''}; if it is attached already, wait some seconds and try again`,
  );
});

function statementFor(facts: Facts): string {
  const { user } = facts.asked;
  return JSON.stringify({
    Effect: 'Allow',
    Action: CONNECT,
    Resource:
      loginArn(facts) ??
      `arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/${user ?? '<login>'}`,
  });
}
