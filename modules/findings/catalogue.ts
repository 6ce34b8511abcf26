import { ACCESS_ENTRIES } from './catalogue/access';
import { DOCTOR_ENTRIES } from './catalogue/doctor';
import { DOCTOR_DATABASE_ENTRIES } from './catalogue/doctor-database';
import { DOCTOR_TOKEN_ENTRIES } from './catalogue/doctor-token';
import type { RuleEntry } from './catalogue/entry';
import { ENVIRONMENT_ENTRIES } from './catalogue/environment';
import { LINT_ENTRIES } from './catalogue/lint';
import { REVIEW_ENTRIES } from './catalogue/review';

const CATALOGUE = {
  ...ENVIRONMENT_ENTRIES,
  ...ACCESS_ENTRIES,
  ...LINT_ENTRIES,
  ...REVIEW_ENTRIES,
  ...DOCTOR_ENTRIES,
  ...DOCTOR_TOKEN_ENTRIES,
  ...DOCTOR_DATABASE_ENTRIES,
} satisfies Record<string, RuleEntry>;

/** The ids of all rules. Stable: for scripts, for `--accept`, and for docs/rules/. */
export type RuleId = keyof typeof CATALOGUE;

/** What docs/rules/ says of each rule. An id that several tools share means the same in all of them. */
export const catalogue: Readonly<Record<RuleId, RuleEntry>> = CATALOGUE;
