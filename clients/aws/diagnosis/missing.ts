import { notKnown } from '../../../modules/diagnosis/facts';

/** Why AWS did not answer, with the permission that is missing. @param tells what it would have told */
export function missing(error: unknown, tells: string): { readonly notKnown: string } {
  const { name, message } = error as Error;
  const [, action] = /not authorized to perform:? (\S+:\w+)/.exec(message) ?? [];
  if (action !== undefined) return notKnown(`no permission for ${action}, which tells ${tells}`);
  if (/AccessDenied|Unauthorized|NotAuthorized/i.test(name))
    return notKnown(`no permission (${name}) for what tells ${tells}`);
  if (name === 'CredentialsProviderError') return notKnown('there are no credentials to ask AWS with');
  if (/Expired|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient/i.test(name))
    return notKnown(`AWS does not take these credentials (${name})`);
  const cause = message.split('\n')[0] || (error as { code?: string }).code || '';
  return notKnown(`AWS does not answer (${[name, cause].filter(Boolean).join(': ')})`);
}
