import { type Finding, fault } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** https://www.postgresql.org/docs/17/release-17.html */
const SINCE: Readonly<Record<string, number>> = { MAINTAIN: 17 };

/** Before a deploy: privileges that this server does not know. */
export function serverVersion({ model }: CheckQuestion, live: LiveAccess): Finding<'server-version'>[] {
  return model.groups.flatMap(({ name }) => {
    const granted = model.grants
      .filter(({ group }) => group === name)
      .flatMap(({ privileges }) => privileges);
    return [...new Set(granted)].flatMap((privilege) => {
      const since = SINCE[privilege];
      return since === undefined || live.serverMajor >= since
        ? []
        : [
            fault(
              'server-version',
              `group ${name}`,
              `would be granted ${privilege}, which PostgreSQL has from ${since} on, and the server is ${live.serverMajor}`,
              'take it out of the environment, or upgrade the cluster first',
            ),
          ];
    });
  });
}
