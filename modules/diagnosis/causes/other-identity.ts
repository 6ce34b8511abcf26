import { type Cause, found, type Judgement, notLookedAt, RULED_OUT } from '../cause';
import { type Facts, type Holder, knownOf } from '../facts';
import { isClose, permissionVerdict } from '../permission';
import { seenOf, signerWords, userWords, worksHere } from '../words';
import { NOT_ALLOWED } from './permission-cause';

/** The policy is there, and somebody else has it. */
export const otherIdentity: Cause = {
  id: 'other-identity',
  step: 'permission',
  suspicion: (facts) =>
    worksHere(facts)
      ? 'the client signs with another identity than this tool: aws sts get-caller-identity, where it runs'
      : NOT_ALLOWED,
  judge: (facts) => {
    if (worksHere(facts)) return notLookedAt('which identity the client signs with is not known');
    const verdict = permissionVerdict(facts);
    if (verdict.is === 'allowed') return RULED_OUT;
    if (verdict.is === 'refused') {
      const { layer } = verdict.by;
      if (layer !== 'identity' && layer !== 'some') return RULED_OUT;
      // Its own policy is nearly right: that is what has to be mended.
      if (layer === 'identity' && verdict.by.near.some(isClose)) return RULED_OUT;
    }
    return (
      byEnvironment(facts) ??
      byHolders(facts) ??
      (verdict.is === 'refused' ? RULED_OUT : notLookedAt(verdict.why))
    );
  },
};

/** The environment says who may connect, without anybody's permission. */
function byEnvironment(facts: Facts): Judgement | undefined {
  const { environment, user, as } = facts.asked;
  const caller = knownOf(facts.signer)?.caller;
  const seen = seenOf(facts);
  if (!environment?.isLogin || !caller || as !== undefined || seen?.kind === 'password') return undefined;
  const { principals } = environment;
  if (principals.length === 0)
    return found(
      'other-identity',
      signerWords(facts),
      `signs, and environment ${environment.name} lets nobody connect as ${user}`,
      'name a principal with connectsAs in the environment, and deploy its policies',
    );
  // A document can be attached to any identity, and a group may have any user.
  const mayBeMeant = principals.some(
    ({ identity, kind }) =>
      kind === undefined || identity === caller.name || (kind === 'group' && caller.kind === 'user'),
  );
  if (mayBeMeant) return undefined;
  const named = principals.map(({ key, identity }) => `${key} (${identity})`);
  return found(
    'other-identity',
    signerWords(facts),
    `signs, and environment ${environment.name} lets ${named.join(', ')} connect as ${user}`,
    `sign as one of them: aurora-iam connect ${environment.name} ${user} --as ${principals[0]?.key}`,
  );
}

function byHolders(facts: Facts): Judgement | undefined {
  const holders = knownOf(facts.permission.others);
  if (holders === undefined || holders.length === 0) return undefined;
  const own = knownOf(facts.permission.policies)?.caller;
  // The environment means the one that signs: its policy is missing, whoever else has one.
  if (facts.asked.environment?.principals.some(({ identity }) => identity === own?.name)) return undefined;
  const others = holders.filter(
    ({ name, kind }) => name !== own?.name || (kind === 'user') !== (own?.kind === 'user'),
  );
  // Administrators may do everything, and are not who is meant.
  const meant = others.filter(({ broad }) => !broad);
  const [first] = meant;
  if (!first) return undefined;
  const names = meant.slice(0, 3).map(({ kind, name }) => `${kind} ${name}`);
  const more = meant.length > 3 ? ` and ${meant.length - 3} more` : '';
  return found(
    'other-identity',
    own?.arn ?? signerWords(facts),
    `has no policy for ${userWords(facts)}; ${names.join(', ')}${more} ${meant.length === 1 ? 'has' : 'have'} one${executionRole(meant)}`,
    `sign as ${first.kind} ${first.name}, or attach its policy to ${own ? `${own.kind === 'user' ? 'user' : 'role'} ${own.name}` : 'who signs'}`,
  );
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
function executionRole(holders: readonly Holder[]): string {
  const role = holders.find(({ services }) => services.includes('ecs-tasks.amazonaws.com'));
  return role
    ? `; ECS may assume ${role.name}, and a task signs with its task role, never with its execution role`
    : '';
}
