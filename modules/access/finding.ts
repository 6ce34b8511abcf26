import type { RuleId } from '../findings/catalogue';
import type { Finding } from '../findings/finding';
import { oneLine } from '../names/text';
import type { LiveAccess } from './catalog';
import type { AccessModel } from './model';

export interface CheckQuestion {
  readonly model: AccessModel;
  readonly master: string;
  /** Whether the master logs in by a token, and has no password. */
  readonly masterByIam: boolean;
  /** Whether the environment's admin logs in by a token. */
  readonly adminByIam: boolean;
  /** Members of rds_iam that somebody else manages. */
  readonly otherIamLogins: readonly string[];
  /** Names of the roles in the state of the database stack. Absent: it was not read, or is of no interest. */
  readonly rolesInState?: ReadonlySet<string>;
}

/** One thing to look for, and the ids of what it finds. */
export interface Rule<Id extends RuleId = RuleId> {
  readonly ids: readonly Id[];
  /** Pure: what it knows is in its arguments. */
  readonly find: (question: CheckQuestion, live: LiveAccess) => Finding<Id>[];
}

/** The compiler refuses a rule that finds what it does not list, and an id that is not in the catalogue. */
export function rule<const Id extends RuleId>(
  ids: readonly Id[],
  find: (question: CheckQuestion, live: LiveAccess) => Finding<NoInfer<Id>>[],
): Rule<Id> {
  return { ids, find };
}

/** What the rules find, in their order. Names in a database are other people's text: a finding stays one line. */
export function findingsOf(rules: readonly Rule[], question: CheckQuestion, live: LiveAccess): Finding[] {
  return rules
    .flatMap(({ find }) => find(question, live))
    .map(({ where, message, wayOut, ...finding }) => ({
      ...finding,
      where: oneLine(where),
      message: oneLine(message),
      ...(wayOut === undefined ? {} : { wayOut: oneLine(wayOut) }),
    }));
}
