import { code } from '../markdown';
import { text } from '../values';
import { AWS_COMMON, type EmittedType } from './emitted-type';

/** Its trust policy is told by everybody who may assume it. */
export const AWS_IAM_ROLE: EmittedType = {
  ...AWS_COMMON,
  emitted: [
    ...AWS_COMMON.emitted,
    'name',
    'description',
    'assume_role_policy',
    'path',
    'permissions_boundary',
    'max_session_duration',
  ],
  computed: [...AWS_COMMON.computed, 'create_date', 'unique_id', 'managed_policy_arns', 'inline_policy'],
  defaults: { path: '/', max_session_duration: 3600, force_detach_policies: false },
  subject: ({ address, change }) =>
    `role ${code(text(change.after, 'name') ?? text(change.before, 'name') ?? address)}`,
  words: ({ change }) => ({
    told: change.before === null && text(change.after, 'name') !== undefined ? ['name'] : [],
  }),
};

export const AWS_IAM_INSTANCE_PROFILE: EmittedType = {
  ...AWS_COMMON,
  emitted: [...AWS_COMMON.emitted, 'name', 'role', 'path'],
  computed: [...AWS_COMMON.computed, 'create_date', 'unique_id'],
  defaults: { path: '/' },
};
