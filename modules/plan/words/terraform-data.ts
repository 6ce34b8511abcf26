import type { EmittedType } from './emitted-type';

/** The schemas of owner groups, which a command makes: what it runs is judged where provisioners are. */
export const TERRAFORM_DATA: EmittedType = {
  provider: 'builtin/terraform',
  emitted: ['triggers_replace'],
  computed: ['id', 'output'],
};
