import type { Environment } from '../../modules/environment/environment';
import type { CauseOf } from '../../proxy/serve';

/** What doctor makes of a refusal, from what is at hand. @param environments that are served now */
export function causes(environments: () => readonly Environment[]): CauseOf {
  return async ({
    route,
    endpoint: { host, port, region },
    token,
    login: user,
    database,
    sqlstate,
    message,
  }) => {
    // Most of it is the catalogue of rules, which nobody needs before somebody is refused.
    const { refusalHelp } = await import('../../modules/diagnosis/refusal');
    const { askedOf } = await import('../doctor/question');
    const environment = environments().find(
      ({ name }) => route.name === name || route.name.startsWith(`${name}.`),
    );
    const { detail, hint } = refusalHelp(
      { message, sqlstate },
      {
        now: new Date(),
        user,
        database,
        host,
        port,
        region,
        token,
        ...(environment ? { environment: askedOf(environment, user) } : {}),
      },
    );
    return { detail, hint };
  };
}
