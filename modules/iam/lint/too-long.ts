import { MAXIMUM_POLICY_SIZE } from '../policy-document';
import { type Rule, told } from './rule';

export const tooLong: Rule = {
  id: 'too-long',
  inDocument: (_, text) => {
    const size = text.replace(/[\t\n\r ]/g, '').length;
    return size > MAXIMUM_POLICY_SIZE
      ? [
          told(
            `has ${size} characters, and a managed policy may have at most ${MAXIMUM_POLICY_SIZE}`,
            'divide it',
          ),
        ]
      : [];
  },
};
