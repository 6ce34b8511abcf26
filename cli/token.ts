import { signToken } from '../clients/aws/token';
import { resolveTarget, type TargetOptions } from './target';

/** One token and a line break. @throws UserError */
export async function token(options: TargetOptions): Promise<string> {
  return `${await signToken(await resolveTarget(options, (line) => process.stderr.write(`${line}\n`)), options)}\n`;
}
