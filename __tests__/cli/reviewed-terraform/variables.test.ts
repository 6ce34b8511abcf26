import { harmlessVariables } from '../../../cli/reviewed-terraform/variables';

test.each([
  'TF_CLI_ARGS',
  'TF_CLI_ARGS_apply',
  'TF_CLI_ARGS_show',
  'TF_WORKSPACE',
  'TF_DATA_DIR',
  'TF_REATTACH_PROVIDERS',
  'TF_SKIP_PROVIDER_VERIFY',
  'TF_DISABLE_PLUGIN_TLS',
  'TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE',
  'TF_FORCE_LOCAL_BACKEND',
  'TF_CLOUD_ORGANIZATION',
  'TF_HTTP_ADDRESS',
  'TF_LOGIN',
  'TF_CLI_CONFIG_FILE_2',
  'TF_OF_TOMORROW',
  'tf_workspace',
])('%s does not reach Terraform', (name) => {
  expect(harmlessVariables({ [name]: 'x', PATH: '/bin' })).toEqual({
    kept: { PATH: '/bin' },
    dropped: [name],
  });
});

test.each([
  'TF_LOG',
  'TF_LOG_PROVIDER',
  'TF_LOG_PATH',
  'TF_IN_AUTOMATION',
  'TF_INPUT',
  'TF_APPEND_USER_AGENT',
  'TF_CLI_CONFIG_FILE',
  'TF_PLUGIN_CACHE_DIR',
  'TF_TOKEN_app_terraform_io',
  'TF_VAR_password',
  'AWS_PROFILE',
  'PGPASSWORD',
  'HOME',
])('%s does', (name) => {
  expect(harmlessVariables({ [name]: 'x' })).toEqual({ kept: { [name]: 'x' }, dropped: [] });
});
