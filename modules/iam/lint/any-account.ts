import { hasWildcard, namesDatabaseUsers } from './linted-resource';
import { quoted, type Rule, told } from './rule';

export const anyAccount: Rule = {
  id: 'any-account',
  inStatement: ({ allows, linted }) =>
    linted
      .filter((resource) => allows && namesDatabaseUsers(resource))
      .filter(({ partition, region, account }) => [partition, region, account].some(hasWildcard))
      .map(({ text }) => told(`${quoted(text)} leaves partition, region or account open`, 'write them')),
};
