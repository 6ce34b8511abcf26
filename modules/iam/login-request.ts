import { CONNECT } from './actions';
import { type Caller, contextOf } from './caller';
import type { AccessRequest } from './evaluator/evaluate';

/**
 * What IAM is asked when somebody logs in with a token.
 * @param caller whose credentials signed the token
 * @param dbuserArn of the login, where it logs in
 */
export function loginRequest(caller: Caller, dbuserArn: string, now: Date): AccessRequest {
  return { action: CONNECT, resource: dbuserArn, context: contextOf(caller, now) };
}
