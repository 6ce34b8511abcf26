import { hasWildcard, namesDatabaseUsers } from './linted-resource';
import { quoted, type Rule } from './rule';

export const anyAccount: Rule = {
  id: 'any-account',
  finds: 'a wildcard for partition, region or account',
  inStatement: ({ allows, linted }) =>
    linted
      .filter((resource) => allows && namesDatabaseUsers(resource))
      .filter(({ partition, region, account }) => [partition, region, account].some(hasWildcard))
      .map(({ text }) => `${quoted(text)} leaves partition, region or account open; write them`),
};
