import { code } from '../markdown';
import { text } from '../values';
import { AWS_COMMON, type EmittedType } from './emitted-type';

/** Its text is told by every identity that holds it. */
export const AWS_IAM_POLICY: EmittedType = {
  ...AWS_COMMON,
  emitted: [...AWS_COMMON.emitted, 'name', 'description', 'policy', 'path'],
  computed: [...AWS_COMMON.computed, 'attachment_count', 'policy_id'],
  defaults: { path: '/' },
  subject: ({ address, change }) =>
    `policy ${code(text(change.after, 'name') ?? text(change.before, 'name') ?? address)}`,
  words: ({ change }) => ({
    told: change.before === null && text(change.after, 'name') !== undefined ? ['name'] : [],
  }),
};
