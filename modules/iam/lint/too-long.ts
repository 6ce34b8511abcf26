import { MAXIMUM_POLICY_SIZE } from '../policy-document';
import type { Rule } from './rule';

export const tooLong: Rule = {
  id: 'too-long',
  finds: 'a document that is longer than a managed policy may be',
  inDocument: (_, text) => {
    const size = text.replace(/[\t\n\r ]/g, '').length;
    return size > MAXIMUM_POLICY_SIZE
      ? [`has ${size} characters, and a managed policy at most ${MAXIMUM_POLICY_SIZE}; divide it`]
      : [];
  },
};
