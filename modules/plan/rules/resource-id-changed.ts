import { code } from '../markdown';
import { renewedTargets } from '../renewed-targets';
import { note, type Rule } from './rule';

export const resourceIdChanged: Rule<'resource-id-changed'> = (plan) =>
  renewedTargets(plan).map(({ address, arn, before, after }) =>
    note(
      'resource-id-changed',
      address,
      `${code(arn)} has another resource id than at the last apply, ${code(after)} instead of ${code(before)}, so every ARN in the policies changes: under the same name there is another cluster or instance now`,
      'if it was restored, recreated or switched over on purpose, apply this soon: until then every token is refused',
    ),
  );
