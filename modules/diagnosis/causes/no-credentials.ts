import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';

/** Nothing can be signed: https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html */
export const noCredentials: Cause = {
  id: 'no-credentials',
  step: 'identity',
  suspicion: 'the client finds no AWS credentials where it runs',
  judge: ({ signer }) => {
    if (!('value' in signer)) return notLookedAt(signer.notKnown);
    const { fault } = signer.value;
    if (!fault || fault.kind === 'expired') return RULED_OUT;
    return found(
      'no-credentials',
      'a token',
      `cannot be signed: ${fault.message}`,
      'log in with aws sso login, name a profile with --profile, or run this where the role is; aws sts get-caller-identity shows who you are',
    );
  },
};
