/**
 * Variables of Terraform's that cannot change what an apply of a saved plan does. `TF_VAR_…` are among them: the plan holds the
 * values, and Terraform reads only those of ephemeral variables again.
 * https://developer.hashicorp.com/terraform/cli/config/environment-variables
 */
const HARMLESS = [
  // What is printed and logged, and as whom Terraform reports itself.
  /^TF_LOG(_|$)/,
  /^TF_(INPUT|IN_AUTOMATION|APPEND_USER_AGENT)$/,
  // Where providers come from. What a person's own CLI configuration says (dev_overrides) holds with and without a variable.
  /^TF_(CLI_CONFIG_FILE|PLUGIN_CACHE_DIR)$/,
  /^TF_REGISTRY_(DISCOVERY_RETRY|CLIENT_TIMEOUT)$/,
  /^TF_TOKEN_/,
  /^TF_STATE_PERSIST_INTERVAL$/,
  /^TF_VAR_/,
];

/**
 * The environment for Terraform: of the variables that Terraform reads only those that are known to be harmless. Others put
 * options into each command (TF_CLI_ARGS), choose another state (TF_WORKSPACE, TF_DATA_DIR), or another program instead of a
 * provider (TF_REATTACH_PROVIDERS).
 */
export function harmlessVariables(environment: NodeJS.ProcessEnv): {
  readonly kept: NodeJS.ProcessEnv;
  /** Names of what is left out. */
  readonly dropped: readonly string[];
} {
  // Windows tells names apart without regard to case.
  const isDropped = (name: string) =>
    /^TF_/i.test(name) && !HARMLESS.some((pattern) => pattern.test(name.toUpperCase()));
  const entries = Object.entries(environment);
  return {
    kept: Object.fromEntries(entries.filter(([name]) => !isDropped(name))),
    dropped: entries.flatMap(([name]) => (isDropped(name) ? [name] : [])).sort(),
  };
}
