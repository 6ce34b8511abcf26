/** What `terraform show -json <plan>` prints, as far as it is read here.
 *  https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
export interface TerraformPlan {
  readonly format_version: string;
  readonly resource_changes?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, Change>>;
  readonly planned_values?: { readonly outputs?: Readonly<Record<string, unknown>> };
  readonly prior_state?: unknown;
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly configuration?: PlanConfiguration;
}

export interface ResourceChange {
  /** `aws_iam_policy.policy-api`, within modules with their path before it. */
  readonly address: string;
  /** `data` for a look-up that has to wait for the apply. */
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly change: Change;
}

export interface Change {
  readonly actions: readonly PlanAction[];
  /** Null where it did not exist. */
  readonly before: unknown;
  /** Null where it will not exist. What is known after the apply only is absent. */
  readonly after: unknown;
  /** `true` in the places of what is known after the apply only. */
  readonly after_unknown?: unknown;
  /** `true` in the places of what must not be shown. */
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  readonly importing?: { readonly id?: string };
}

export type PlanAction = 'no-op' | 'create' | 'read' | 'update' | 'delete' | 'forget';

export interface PlanConfiguration {
  readonly provider_config?: Readonly<Record<string, { readonly expressions?: unknown }>>;
  readonly root_module?: {
    readonly resources?: readonly ConfiguredResource[];
    readonly [other: string]: unknown;
  };
}

export interface ConfiguredResource {
  readonly address: string;
  /** By argument: what it refers to, or its constant value. */
  readonly expressions?: Readonly<Record<string, { readonly references?: readonly string[] }>>;
}
