import { code } from '../markdown';
import { managed, stays, texts } from '../values';
import { fault, type Rule } from './rule';

/** Logs that say who came in, and who was refused. */
const LOGS: readonly string[] = ['postgresql', 'iam-db-auth-error'];

export const loggingOff: Rule<'logging-off'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, change } = resource;
    if (!stays(resource)) return [];
    const [was, is] = [
      texts(change.before, 'enabled_cloudwatch_logs_exports'),
      texts(change.after, 'enabled_cloudwatch_logs_exports'),
    ];
    const lost = LOGS.filter((log) => was.includes(log) && !is.includes(log));
    return lost.length === 0
      ? []
      : [
          fault(
            'logging-off',
            address,
            `no longer exports its log ${lost.map(code).join(', ')}: nobody could see who came in or was refused`,
            'leave it in',
          ),
        ];
  });
