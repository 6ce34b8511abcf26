import { lines, sentence, wayOut } from './answer-lines';
import { type Diagnosis, withState } from './diagnose';
import type { Facts } from './facts';
import { shownToken } from './token-reading';
import { worksHere } from './words';

/** For a person: the answer on top, then every check. */
export function answerText(diagnosis: Diagnosis, facts: Facts): string {
  const { also, suspects, checks } = diagnosis;
  const others =
    also.length === 0
      ? []
      : [
          '',
          'Also wrong:',
          ...also.flatMap((finding) => [`  ${sentence(finding)}`, ...wayOut(finding, '  ')]),
        ];
  const list =
    suspects.length === 0
      ? []
      : [
          '',
          'Possible causes, the most frequent first:',
          ...suspects.map(({ suspicion }) => `  - ${suspicion}`),
        ];
  const width = Math.max(...checks.map(({ step }) => step.length));
  return lines([
    ...headline(diagnosis, facts),
    ...others,
    ...list,
    '',
    ...checks.map(({ step, status, detail }) => `${status.padEnd(11)}  ${step.padEnd(width)}  ${detail}`),
  ]);
}

/** For scripts. */
export function answerJson(diagnosis: Diagnosis, facts: Facts): string {
  const { outcome, cause = null, also, suspects, checks, seen = null } = diagnosis;
  const token = 'value' in facts.token ? shownToken(facts.token.value) : null;
  return `${JSON.stringify({ outcome, answer: headline(diagnosis, facts).join(' '), cause, also, suspects, checks, seen, token }, null, 2)}\n`;
}

function headline(diagnosis: Diagnosis, facts: Facts): string[] {
  const { outcome, cause, seen, suspects } = diagnosis;
  const { user = 'the user', database } = facts.asked;
  const admitted = `The login works from here: ${user} was admitted to database ${database}.`;
  switch (outcome) {
    case 'cause':
      return [
        ...(seen?.kind === 'admitted' ? [admitted] : []),
        ...(cause ? [sentence(cause), ...wayOut(cause)] : []),
      ];
    case 'healthy':
      return [
        seen?.kind === 'admitted'
          ? admitted
          : `Nothing that was checked keeps ${facts.asked.as ?? 'anybody'} from connecting as ${user}.`,
      ];
    case 'unexplained':
      if (worksHere(facts))
        return [
          `From here the login works: ${user} was admitted to database ${database}. The client that said "${seen ? withState(seen) : ''}" does something else.`,
        ];
      return [
        `The login is refused: ${seen ? withState(seen) : ''}. Everything that could be checked is right${suspects.length === 0 ? '' : ', so the cause is among the rest'}.`,
      ];
    case 'not looked at':
      return ['No cause was found, and something that decides could not be checked.'];
  }
}
