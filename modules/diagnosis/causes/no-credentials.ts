import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';

/** Nothing can be signed: https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html */
export const noCredentials: Cause = {
  id: 'no-credentials',
  step: 'identity',
  suspicion: 'the client finds no AWS credentials where it runs',
  judge: ({ signer, asked }) => {
    if (!('value' in signer)) return notLookedAt(signer.notKnown);
    const { fault } = signer.value;
    if (!fault || fault.kind === 'expired') return RULED_OUT;
    const wayOut =
      fault.kind === 'none'
        ? 'log in with aws sso login, name a profile with --profile, or run this where the role is'
        : `check the profile, and whether the trust policy of the role names who assumes it${asked.as === undefined ? '' : '; --as takes your own credentials'}`;
    return found('no-credentials', 'the credentials that should sign', fault.message, wayOut);
  },
};
