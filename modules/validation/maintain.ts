import type { Environment } from '../environment/environment';
import type { Report } from './report';

/** The provider's first version that knows the privilege, and PostgreSQL's. */
const PROVIDER = [1, 27] as const;
const MAINTAIN_SINCE = 17;

/** MAINTAIN needs a newer server and a newer provider than the rest. What is not known here, preflight looks at. */
export function reportMaintain(environment: Environment, report: Report): void {
  const { access, cluster, providerVersions } = environment;
  for (const [name, { privileges }] of Object.entries(access.groups)) {
    const index = privileges?.tables?.indexOf('MAINTAIN') ?? -1;
    if (index === -1) continue;
    const path = ['access', 'groups', name, 'privileges', 'tables', index];
    if (!excludesEarlier(providerVersions?.postgresql))
      report(
        path,
        `needs the postgresql provider ${PROVIDER.join('.')} or later, and the environment allows an earlier one`,
        `write providerVersions: { postgresql: '>= 1.27.0, < 2.0.0' }, or make logins members of predefined('pg_maintain')`,
      );
    if (cluster.kind === 'created' && Number(cluster.engineVersion.split('.')[0]) < MAINTAIN_SINCE)
      report(
        path,
        `does not exist before PostgreSQL ${MAINTAIN_SINCE}, and the cluster is to be ${cluster.engineVersion}`,
        'remove it, or choose a later engineVersion',
      );
  }
}

/** Whether a constraint on the provider lets in no version that does not know MAINTAIN. Without one it is 1.26, exactly. */
function excludesEarlier(constraint = '1.26.0'): boolean {
  return constraint.split(',').some((term) => {
    const [, operator = '', major = '0', minor = '0'] =
      /^\s*(!=|>=?|<=?|~>|=)?\s*(\d+)(?:\.(\d+))?/.exec(term) ?? [];
    const isLowerBound = ['', '=', '>=', '>', '~>'].includes(operator);
    return (
      isLowerBound &&
      (Number(major) > PROVIDER[0] || (Number(major) === PROVIDER[0] && Number(minor) >= PROVIDER[1]))
    );
  });
}
