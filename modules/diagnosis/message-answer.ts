import { catalogue, type RuleId } from '../findings/catalogue';
import { lines, plain } from './answer-lines';
import { causesOf } from './explains';
import { MESSAGES } from './messages/messages';
import type { Seen } from './seen';

/** More are in docs/troubleshooting.md: a list of thirty helps nobody. */
const SHOWN = 8;

/** What a message proves, and what it leaves open. */
export function messageText(seen: Seen): string {
  const message = MESSAGES.find(({ kind }) => kind === seen.kind);
  if (!message)
    return lines([
      'This message is not known here.',
      'Give the whole line of the server or the client, or let the login be tried: aurora-iam doctor --host <endpoint> --user <login>',
    ]);
  const { causes } = message;
  const rest = causes.length - SHOWN;
  return lines([
    `It proves: ${plain(message.proves)}`,
    `It leaves open: ${plain(message.leaves)}`,
    ...(causes.length === 0
      ? []
      : ['', causes.length === 1 ? 'The cause:' : 'Causes, the most frequent first:']),
    ...causes.slice(0, SHOWN).map((id) => `  ${id}: ${plain(catalogue[id].title)}`),
    ...(rest > 0 ? [`  and ${rest} rarer ones: docs/troubleshooting.md`] : []),
    ...(causes.length > 1
      ? [
          '',
          'To find out which: aurora-iam doctor <env> <login>, or aurora-iam doctor --host <endpoint> --user <login>',
        ]
      : causes.map((id) => `To mend it: ${plain(catalogue[id].whatToDo)}`)),
  ]);
}

/** For scripts. */
export function messageJson(seen: Seen): string {
  const causes = causesOf(seen).map((id: RuleId) => ({ id, title: catalogue[id].title }));
  return `${JSON.stringify({ seen, causes }, null, 2)}\n`;
}
