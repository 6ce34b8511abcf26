import type { ResourceChange, TerraformPlan } from '../terraform-plan';

/** What a plan does, in words: who gains and loses what. Names stand between backquotes, for Markdown as for a terminal. */
export interface PlanSummary {
  readonly gains: readonly string[];
  readonly loses: readonly string[];
  /** Everything else that is done. */
  readonly changes: readonly string[];
}

export interface Words extends Partial<PlanSummary> {
  /** Attributes whose change these words tell in full; the others are told in general. */
  readonly told?: readonly string[];
}

/** A type of resource that the stacks of this project make, and what of it they make. */
export interface EmittedType {
  /** Whose it is, without the version: `hashicorp/aws`. */
  readonly provider: string;
  /** Arguments that the stacks write. */
  readonly emitted: readonly string[];
  /** What the provider fills in: it may be known after the apply only. */
  readonly computed: readonly string[];
  /** Arguments that the stacks never write, and that a rule of their own judges. @default none */
  readonly judged?: readonly string[];
  /** Other arguments may be written in `overrides` of an environment. @default false */
  readonly isOpen?: boolean;
  /** What the provider takes where nothing is written: not worth a word where something is created. @default none */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** @default the address */
  readonly subject?: (resource: ResourceChange) => string;
  /** What is told in words of its own. @default nothing */
  readonly words?: (resource: ResourceChange, plan: TerraformPlan) => Words;
}

/** Arguments of every resource of the AWS provider that give nobody anything. `region` is there from version 6 on. */
export const AWS_COMMON = {
  provider: 'hashicorp/aws',
  emitted: ['tags', 'tags_all', 'timeouts'],
  computed: ['id', 'arn', 'tags_all', 'region', 'name_prefix'],
} as const;
