import { signToken } from '../clients/aws/token';
import { done, type Outcome } from './outcome';
import { resolveTarget, type TargetOptions } from './target';

/** One token and a line break. @param remark is called with what a person should know of it @throws UserError */
export async function token(options: TargetOptions, remark: (line: string) => void): Promise<Outcome> {
  const target = await resolveTarget(options, remark);
  return done(`${await signToken(target, target.credentials)}\n`);
}
