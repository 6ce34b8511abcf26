import type { CredentialOptions } from '../clients/aws/credentials';
import { UserError } from '../clients/error';
import { roleNamed } from '../modules/connect/model';
import { lintPolicy } from '../modules/iam/lint';
import { found, type Outcome } from './outcome';
import { readInput } from './read-input';

export interface LintOptions extends CredentialOptions {
  readonly json?: boolean;
}

/**
 * What is wrong with a policy document. `-` reads standard input.
 * @param env compares the ids with what AWS says of this environment's targets, and the logins with the environment's
 * @param remark is called with what a person should know of it
 * @throws UserError if the file cannot be read, or nothing of the environment can be looked up
 */
export async function lint(
  file: string,
  env: string | undefined,
  options: LintOptions,
  remark: (line: string) => void,
): Promise<Outcome> {
  const document = await readInput(file);
  const findings = lintPolicy(document);
  // What cannot be read cannot be compared either.
  const isRead = !findings.some(({ rule }) => rule === 'malformed' || rule === 'template');
  if (env === undefined || !isRead) return found(findings, options);
  const { loadEnvironment } = await import('./project');
  const environment = loadEnvironment(env);
  const { describeTargets } = await import('../clients/aws/describe-targets');
  const role = options.role === undefined ? undefined : roleNamed(environment, options.role);
  if (typeof role === 'string') throw new UserError(`--role: ${role}.`);
  const described = await describeTargets(
    environment,
    { ...options, ...(role ? { role: role.roleArn } : {}) },
    remark,
  );
  const { withComparison } = await import('../modules/connect/compare-policy');
  return found(withComparison(findings, document, described, environment), options);
}
