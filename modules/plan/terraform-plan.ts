/** What `terraform show -json <plan>` prints, as far as it is read here.
 *  https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
export interface TerraformPlan {
  readonly format_version: string;
  readonly resource_changes?: readonly ResourceChange[];
  /** What was found to differ from the state, before anything is planned. */
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, Change>>;
  readonly planned_values?: {
    readonly outputs?: Readonly<Record<string, unknown>>;
    readonly root_module?: unknown;
  };
  readonly prior_state?: unknown;
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly configuration?: PlanConfiguration;
  /** False: a part of the configuration was not planned. */
  readonly complete?: boolean;
  readonly errored?: boolean;
  /** Of `aurora-iam plan`: what it took out of the stack before it planned. */
  readonly aurora_iam?: ReplacedParts;
  /** Of two compared plans: the configuration before the change. */
  readonly base?: Pick<TerraformPlan, 'configuration' | 'aurora_iam'>;
}

export interface ResourceChange {
  /** `aws_iam_policy.policy-api`, within modules with their path before it. */
  readonly address: string;
  readonly previous_address?: string;
  /** `data` for a look-up that has to wait for the apply. */
  readonly mode: 'managed' | 'data' | 'ephemeral';
  readonly type: string;
  /** `registry.terraform.io/hashicorp/aws` */
  readonly provider_name?: string;
  /** An object that a failed replacement left over. */
  readonly deposed?: string;
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

export type PlanAction = 'no-op' | 'create' | 'read' | 'update' | 'delete' | 'forget' | 'open';

export interface PlanConfiguration {
  readonly provider_config?: Readonly<Record<string, ConfiguredProvider>>;
  readonly root_module?: ConfiguredModule;
}

export interface ConfiguredProvider {
  readonly name?: string;
  /** `registry.terraform.io/hashicorp/aws` */
  readonly full_name?: string;
  readonly version_constraint?: string;
  readonly module_address?: string;
  readonly expressions?: unknown;
}

export interface ConfiguredModule {
  readonly resources?: readonly ConfiguredResource[];
  readonly [other: string]: unknown;
}

export interface ConfiguredResource {
  readonly address: string;
  readonly mode?: string;
  readonly type?: string;
  readonly provider_config_key?: string;
  /** By argument: what it refers to, or its constant value. */
  readonly expressions?: Readonly<Record<string, Expression>>;
  readonly provisioners?: readonly { readonly type?: string; readonly expressions?: unknown }[];
}

/** A configuration in JSON has its text as `constant_value` beside the `references` in it. */
export interface Expression {
  readonly references?: readonly string[];
  readonly constant_value?: unknown;
}

/** As `cdk.tf.json` has them. */
export interface ReplacedParts {
  /** By name of the provider. */
  readonly providers?: Readonly<Record<string, readonly unknown[]>>;
  readonly required_providers?: Readonly<Record<string, unknown>>;
  readonly backend?: Readonly<Record<string, unknown>>;
  /** `cloud` and whatever else stands in the block `terraform`. */
  readonly terraform?: Readonly<Record<string, unknown>>;
  /** `import`, `removed`, `moved` and `check` blocks. */
  readonly blocks?: Readonly<Record<string, unknown>>;
  /** Data sources and ephemeral resources, by address. */
  readonly lookUps?: Readonly<Record<string, unknown>>;
}
