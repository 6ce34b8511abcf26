import { notKnown } from '../../../modules/diagnosis/facts';
import { UserError } from '../../error';
import { awsReason } from '../reason';

/** Why AWS did not answer, with the permission that is missing. @param tells what it would have told */
export function missing(error: unknown, tells: string): { readonly notKnown: string } {
  if (error instanceof UserError) return notKnown(error.message.replace(/\.$/, ''));
  const { name, message } = error as Error;
  const [, action] = /not authorized to perform:? (\S+:\w+)/.exec(message) ?? [];
  if (action !== undefined) return notKnown(`not allowed to call ${action}, which would show ${tells}`);
  if (/AccessDenied|Unauthorized|NotAuthorized/i.test(name))
    return notKnown(`not allowed (${name}) to look at what would show ${tells}`);
  if (name === 'CredentialsProviderError') return notKnown('there are no credentials to ask AWS with');
  return notKnown(awsReason(error, {}));
}
