import { type Finding, fault, note } from '../../findings/finding';
import { plural } from '../../names/text';
import type { LiveAccess } from '../catalog';
import { dependencyText, dependencyWayOut } from '../dependency';
import type { CheckQuestion } from '../finding';
import { type PrivilegeDifference, placeOf, privilegeDifferences } from '../privilege-differences';

/** What groups have beyond the environment or lack of it, and what logins have of their own. */
export function privileges(question: CheckQuestion, live: LiveAccess): Finding<'privileges'>[] {
  return [...elsewhere(question, live), ...loginsInTheWay(question, live), ...differences(question, live)];
}

/** The same without what groups lack, and a deploy gives them. */
export function privilegesBeyond(question: CheckQuestion, live: LiveAccess): Finding<'privileges'>[] {
  return [...elsewhere(question, live), ...privilegeDifferences(question.model, live).flatMap(extra)];
}

function elsewhere(question: CheckQuestion, live: LiveAccess): Finding<'privileges'>[] {
  return [
    ...groupsElsewhere(question, live),
    ...onOtherObjects(question, live),
    ...ofLoginsThemselves(question, live),
  ];
}

function groupsElsewhere({ model }: CheckQuestion, live: LiveAccess): Finding<'privileges'>[] {
  return model.groups.flatMap(({ name }) => {
    const places = model.grants.filter((grant) => grant.group === name).map(({ database }) => database);
    return live.dependencies.flatMap((dependency) => {
      const { role, kind, database } = dependency;
      return role === name && kind === 'has privileges on' && database !== null && !places.includes(database)
        ? [
            fault(
              'privileges',
              `group ${name}`,
              `has privileges on ${dependencyText(dependency)}, where the environment gives it none`,
              'revoke them, or grant them in the environment',
            ),
          ]
        : [];
    });
  });
}

/** Environments grant on databases, schemas, tables, sequences and routines; an owner may grant on more. */
function onOtherObjects({ model }: CheckQuestion, live: LiveAccess): Finding<'privileges'>[] {
  return model.groups.flatMap(({ name, adopted }) =>
    [...live.inDatabases].flatMap(([database, { others }]) => {
      const objects = others.filter(({ role }) => role === name).map(({ object }) => object);
      return objects.length === 0
        ? []
        : [
            (adopted ? note : fault)(
              'privileges',
              `group ${name}`,
              `has privileges on ${plural(objects.length, 'object')} of a kind that the environment never grants, such as ${objects[0]} (seen from database ${database})`,
              'revoke them',
            ),
          ];
    }),
  );
}

function ofLoginsThemselves({ model }: CheckQuestion, live: LiveAccess): Finding<'privileges'>[] {
  return model.logins.flatMap(({ name, adopted }) =>
    live.dependencies
      .filter(({ role, kind }) => role === name && kind === 'has privileges on')
      .map((dependency) =>
        (adopted ? note : fault)(
          'privileges',
          `login ${name}`,
          `has privileges of its own on ${dependencyText(dependency)}`,
          'revoke them, and grant them to a group',
        ),
      ),
  );
}

/** Nothing that a login has; but it cannot be dropped. Of what it owns, and what it was granted, more is said elsewhere. */
function loginsInTheWay({ model }: CheckQuestion, live: LiveAccess): Finding<'privileges'>[] {
  return model.logins.flatMap(({ name }) =>
    live.dependencies
      .filter(
        ({ role, kind }) =>
          role === name && (kind === 'is named in' || kind === 'is in the initial privileges of'),
      )
      .map((dependency) =>
        note(
          'privileges',
          `login ${name}`,
          `${dependency.kind} ${dependencyText(dependency)}: while that is so, the login cannot be dropped`,
          `before you remove the login, ${dependencyWayOut(dependency.kind)}`,
        ),
      ),
  );
}

function differences({ model }: CheckQuestion, live: LiveAccess): Finding<'privileges'>[] {
  return privilegeDifferences(model, live).flatMap((difference) => [
    ...lacking(difference),
    ...extra(difference),
  ]);
}

function lacking(difference: PrivilegeDifference): Finding<'privileges'>[] {
  const { group, missing } = difference;
  if (missing.length === 0) return [];
  return [
    fault(
      'privileges',
      `group ${group}`,
      `lacks ${missing.join(', ')} on ${placeOf(difference)}`,
      'deploy the database stack',
    ),
  ];
}

function extra(difference: PrivilegeDifference): Finding<'privileges'>[] {
  const { group, extra } = difference;
  if (extra.length === 0) return [];
  return [
    fault(
      'privileges',
      `group ${group}`,
      `has ${extra.join(', ')} on ${placeOf(difference)}, and the environment does not say so`,
      'revoke it, or grant it in the environment',
    ),
  ];
}
