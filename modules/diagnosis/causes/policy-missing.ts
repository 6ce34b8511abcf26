import { CONNECT } from '../../iam/actions';
import { found, type Judgement } from '../cause';
import { type Facts, knownOf } from '../facts';
import { isClose, loginArn, type Refusal } from '../permission';
import { signerWords, userWords } from '../words';
import { otherIdentity } from './other-identity';
import { permissionCause } from './permission-cause';

const FRESH =
  'the policies that could be read allow it; a change in IAM takes some seconds to take effect everywhere: try again';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html */
export const policyMissing = permissionCause('policy-missing', judged, () => FRESH, FRESH);

function judged(refusal: Refusal, facts: Facts): Judgement | undefined {
  if (refusal.layer !== 'identity' && refusal.layer !== 'some') return undefined;
  // Other causes say what the nearest statement has wrong in its ARN.
  if (refusal.layer === 'identity' && refusal.near.some((near) => isClose(near) && near.differs.length > 0))
    return undefined;
  // Who should sign has it: then this one needs none.
  if (otherIdentity.judge(facts).is === 'found') return undefined;
  const own = knownOf(facts.permission.policies)?.caller;
  return found(
    'policy-missing',
    own?.arn ?? signerWords(facts),
    messageOf(refusal, facts),
    `attach ${statementFor(facts)}${own ? ` to ${own.kind === 'user' ? 'user' : 'role'} ${own.name}` : ''}; if it is attached already, wait some seconds and try again`,
  );
}

function messageOf(refusal: Refusal, facts: Facts): string {
  if (refusal.layer === 'some') return `may not connect as ${userWords(facts)}: ${refusal.says}`;
  if (refusal.layer !== 'identity') return '';
  const [exact] = refusal.near.filter(({ differs }) => differs.length === 0);
  if (exact) return `has a policy for ${userWords(facts)} that does not apply: ${refusal.reason}`;
  const [hint] = refusal.lint;
  return `has no policy that allows ${CONNECT} as ${userWords(facts)}${hint === undefined ? '' : ` (${hint})`}`;
}

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
