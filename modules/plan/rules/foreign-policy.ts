import { iamParts } from '../../names/arn';
import { plain } from '../configuration';
import { ATTACHMENT_TYPES, attachedPolicy } from '../connect-access';
import { code } from '../markdown';
import {
  acts,
  attributeOf,
  attributesOf,
  configured,
  isAbsent,
  isChanged,
  isUnknown,
  managed,
} from '../values';
import { fault, type Rule, type RuleFinding } from './rule';

/** Attributes of all kinds of attachments that say to whom. */
const HOLDERS = ['role', 'user', 'group', 'roles', 'users', 'groups', 'name'];

/** A policy that is given to an identity, and whose text this plan does not hold. */
export const foreignPolicy: Rule<'foreign-policy'> = (plan) => {
  const own = new Set(
    managed(plan)
      .filter(({ type }) => type === 'aws_iam_policy')
      .flatMap(({ change }) => [attributeOf(change.after, 'arn'), attributeOf(change.before, 'arn')]),
  );
  return managed(plan)
    .filter((resource) => acts(resource) && !isAbsent(resource.change.after))
    .flatMap((resource): RuleFinding<'foreign-policy'>[] => {
      const { address, type, change } = resource;
      const given = attributesOf(change)
        .filter((name) => !['permissions_boundary', 'arn', 'id'].includes(name) && isChanged(change, name))
        .flatMap((name) => {
          const before = arnsIn(attributeOf(change.before, name));
          return arnsIn(attributeOf(change.after, name)).filter(
            (arn) => !before.includes(arn) && !own.has(arn),
          );
        });
      const isUntold =
        /^aws_iam_.*(policy_attachment|policy_attachments_exclusive)$/.test(type) &&
        isUnknown(change.after_unknown, type.endsWith('exclusive') ? 'policy_arns' : 'policy_arn') &&
        (ATTACHMENT_TYPES[type] === undefined || attachedPolicy(plan, resource, 'after') === undefined);
      return [
        ...[...new Set(given)].map((arn) =>
          fault(
            'foreign-policy',
            address,
            `gives the policy ${code(arn)}, whose text is not in this plan: what it allows cannot be seen`,
            'attach only policies of the stack',
            // Accepted for this identity, not for the next one of the same address.
            HOLDERS.map((name) => attributeOf(change.after, name)),
          ),
        ),
        ...(isUntold
          ? [
              fault(
                'foreign-policy',
                address,
                'gives a policy that is known only after the apply, and is not one of this plan',
                'refer to nothing but the arn of a policy',
                plain(configured(plan, address)?.expressions),
              ),
            ]
          : []),
      ];
    });
};

/** ARNs of policies in a value, at any depth. */
function arnsIn(value: unknown): string[] {
  if (typeof value === 'string') return iamParts(value)?.type === 'policy' ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(arnsIn) : [];
}
