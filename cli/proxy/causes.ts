import type { CauseOf } from '../../proxy/serve';

/** What doctor makes of a refusal, from what is at hand. */
export function causes(): CauseOf {
  return async ({ endpoint: { host, port, region }, token, login: user, database, sqlstate, message }) => {
    // Most of it is the catalogue of rules, which nobody needs before somebody is refused.
    const { refusalHelp } = await import('../../modules/diagnosis/refusal');
    const { detail, hint } = refusalHelp(
      { message, sqlstate },
      { now: new Date(), user, database, host, port, region, token },
    );
    return { detail, hint };
  };
}
