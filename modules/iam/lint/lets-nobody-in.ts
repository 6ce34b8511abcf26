import { isResourceId } from '../../names/arn';
import { nameFault } from '../../names/postgresql';
import { listOf } from '../../names/text';
import { CONNECT } from '../actions';
import { requestContext } from '../evaluator/request-context';
import { judgeStatement } from '../evaluator/statement';
import { completedArn, lowerCase, matches, wildcardPattern } from '../evaluator/wildcard';
import { ofKnownService } from '../known-actions';
import { isPossible, isWrittenOut } from './incomplete-arn';
import { hasVariable, hasWildcard, type LintedResource, lintedResource } from './linted-resource';
import { type LintedStatement, statementName } from './linted-statement';
import { type Rule, type Told, told } from './rule';

const WRITE =
  'allow rds-db:connect on arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/<login>';

/** Only where it is certain: whatever this project cannot judge may let somebody in. */
export const letsNobodyIn: Rule = {
  id: 'lets-nobody-in',
  inDocument: (_document, _text, statements) => {
    const allowing = statements.filter(({ allows }) => allows);
    if (!allowing.some(isAboutDatabases)) return [];
    const connecting = allowing.filter(({ connects }) => connects);
    if (connecting.length === 0)
      return [
        ofNobody(
          'no statement allows rds-db:connect',
          WRITE,
          allowing.some(meansToConnect) ? undefined : true,
        ),
      ];
    const possible = connecting.flatMap((statement) => possibleResources(statement));
    if (possible.length === 0)
      return [ofNobody('rds-db:connect is allowed on nothing that is a login of a database', WRITE)];
    const denying = possible.map((resource) =>
      statements.findIndex((statement) => !statement.allows && surelyDenies(statement, resource)),
    );
    if (denying.includes(-1)) return [];
    const names = [...new Set(denying)]
      .sort((one, other) => one - other)
      .map((index) => statementName((statements[index] as LintedStatement).statement, index));
    return [
      ofNobody(
        `${names.join(' and ')} ${names.length > 1 ? 'deny' : 'denies'} everything that the others allow`,
        'remove the Deny, or limit it to what must not be allowed',
      ),
    ];
  },
};

function ofNobody(why: string, wayOut: string, isNote?: true): Told {
  return { ...told(`lets nobody into a database: ${why}`, wayOut), ...(isNote ? { isNote } : {}) };
}

/** A policy of another service is no mistake. */
function isAboutDatabases(statement: LintedStatement): boolean {
  return statement.connects || meansToConnect(statement) || statement.actions.some(ofKnownService);
}

/** Its author thought that somebody could connect by it. */
function meansToConnect({ connects, actions, resources }: LintedStatement): boolean {
  return (
    connects ||
    resources.some((resource) => lintedResource(resource).isDatabaseUser) ||
    actions.some((action) => /^rds-?db:|^rds:(connect|.*token)/.test(lowerCase(action)))
  );
}

/** The resources by which somebody could get in, as far as can be told; `NotResource` leaves something over. */
function possibleResources({ statement, resources }: LintedStatement): readonly string[] {
  if (statement.NotResource)
    return listOf(statement.NotResource).some((resource) => lintedResource(resource).isEveryDatabaseUser)
      ? []
      : ['*'];
  return resources.filter((resource) => mayBeLogin(lintedResource(resource)));
}

function mayBeLogin(resource: LintedResource): boolean {
  const { isEveryDatabaseUser, isIncomplete, service, name, resourceId, login } = resource;
  if (isEveryDatabaseUser) return true;
  if (hasWildcard(service)) return true;
  if (service !== 'rds-db') return false;
  if (isIncomplete) return true;
  if (isWrittenOut(resource) && !isPossible(resource)) return false;
  if (hasWildcard(name)) return true;
  if (resourceId === undefined || (!hasVariable(resourceId) && !isResourceId(resourceId))) return false;
  return login !== undefined && (hasVariable(login) || nameFault(login) === undefined);
}

/** Whether a Deny covers all of what a resource allows, whoever asks. */
function surelyDenies(
  { statement, connects, variables, resources }: LintedStatement,
  allowed: string,
): boolean {
  if (!connects) return false;
  if (!hasWildcard(allowed) && !hasVariable(allowed))
    return (
      judgeStatement(
        statement,
        { action: CONNECT, resource: allowed },
        variables,
        requestContext(CONNECT, {}),
      ).is === 'yes'
    );
  if (statement.Condition || statement.NotResource) return false;
  // A wildcard of what is allowed is covered by a * only.
  return resources.some(
    (denied) =>
      denied === allowed ||
      (!denied.includes('?') &&
        !hasVariable(denied) &&
        matches(completedArn(wildcardPattern(denied)), allowed)),
  );
}
