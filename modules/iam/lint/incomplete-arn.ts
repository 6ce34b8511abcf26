import { hasVariable, hasWildcard, type LintedResource, namesDatabaseUsers } from './linted-resource';
import { quoted, type Rule, told } from './rule';

export const incompleteArn: Rule = {
  id: 'incomplete-arn',
  inStatement: ({ linted }) =>
    linted
      .filter((resource) => namesDatabaseUsers(resource) && isWrittenOut(resource) && !isPossible(resource))
      .map(({ text }) =>
        told(
          `${quoted(text)} needs a partition, a region and an account of 12 digits, or nothing ever matches`,
          'write them',
        ),
      ),
};

/** Partition, region and account, without wildcards and variables. */
export function isWrittenOut({ partition, region, account }: LintedResource): boolean {
  return ![partition, region, account].some((part) => hasWildcard(part) || hasVariable(part));
}

export function isPossible({ partition, region, account }: LintedResource): boolean {
  return /^aws(-[a-z]+)*$/.test(partition) && /^[a-z0-9-]+$/.test(region) && /^\d{12}$/.test(account);
}
