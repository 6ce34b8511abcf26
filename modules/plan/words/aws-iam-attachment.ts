import { ATTACHMENT_TYPES, attachedPolicy } from '../connect-access';
import { code } from '../markdown';
import type { ResourceChange, TerraformPlan } from '../terraform-plan';
import { isAbsent, isForgotten, isUnknown, managed, text } from '../values';
import { AWS_COMMON, type EmittedType, type Words } from './emitted-type';

/** An attachment of a policy to a role, a user or a group. */
export function attachment(type: keyof typeof ATTACHMENT_TYPES): EmittedType {
  const kind = ATTACHMENT_TYPES[type] as string;
  return {
    ...AWS_COMMON,
    emitted: [kind, 'policy_arn'],
    computed: [...AWS_COMMON.computed, 'policy_arn'],
    words: (resource, plan) => attachmentWords(kind, resource, plan),
  };
}

function attachmentWords(kind: string, resource: ResourceChange, plan: TerraformPlan): Words {
  const { change } = resource;
  const side = (when: 'before' | 'after') => {
    const identity = text(change[when], kind);
    const ours = attachedPolicy(plan, resource, when);
    const own = managed(plan).find(({ address }) => address === ours);
    const name = text(own?.change.after, 'name') ?? text(own?.change.before, 'name') ?? ours;
    const policy =
      name ?? text(change[when], 'policy_arn') ?? 'a policy whose ARN is known after the apply only';
    return identity === undefined || isAbsent(change[when])
      ? undefined
      : { who: `${kind} ${code(identity)}`, policy: code(policy), isOurs: ours !== undefined };
  };
  const [before, after] = [side('before'), side('after')];
  const isKnown =
    !isUnknown(change.after_unknown, kind) &&
    (before !== undefined || isAbsent(change.before)) &&
    (after !== undefined || isAbsent(change.after));
  const isChange = before?.who !== after?.who || before?.policy !== after?.policy;
  if (!isKnown || !isChange || isForgotten(change)) return {};
  const isUntold = isUnknown(change.after_unknown, 'policy_arn') && after?.isOurs !== true;
  return {
    gains: after === undefined ? [] : [`${after.who} is given the policy ${after.policy}`],
    loses: before === undefined ? [] : [`${before.who} is no longer given the policy ${before.policy}`],
    told: [kind, ...(isUntold ? [] : ['policy_arn'])],
  };
}
