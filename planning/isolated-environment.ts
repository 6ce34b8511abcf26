import type { Terraform } from './find-terraform';

/** The process's variables without the person's own AWS, PostgreSQL and Terraform settings: a wrong profile must not reach a
 *  real account. */
export function isolatedEnvironment(terraform: Terraform): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|PG|TF_(?!PLUGIN_CACHE|CLI_CONFIG))/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    ...terraform.environment,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
