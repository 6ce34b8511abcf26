import { oneLine } from '../modules/names/text';

/** What happened, for a person or a program that collects lines. Nothing secret is ever given to it. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  /** Such as `connected`, `refused`: one word. */
  readonly event: string;
  /** Names and messages come from outside. */
  readonly [field: string]: string | number | undefined;
}

export type Log = (entry: LogEntry) => void;

/** One line each, whatever the fields hold. @param write is given a line without its end */
export function lineLog(write: (line: string) => void, { json = false, now = () => new Date() } = {}): Log {
  return ({ level, event, ...fields }) => {
    const time = now().toISOString();
    const known = Object.entries(fields).filter(([, value]) => value !== undefined);
    if (json) {
      write(JSON.stringify({ time, level, event, ...Object.fromEntries(known) }));
      return;
    }
    const text = known.map(([name, value]) => `${name}=${plain(value)}`).join(' ');
    write(`${time} ${level} ${event} ${text}`.trimEnd());
  };
}

function plain(value: string | number | undefined): string {
  const text = oneLine(String(value));
  return /^[\w.:@/~-]+$/.test(text) ? text : JSON.stringify(text);
}

/**
 * Lets through `most` entries in a minute, and then says how many it has kept back: anybody on the machine can make the
 * proxy refuse something, and nobody may fill a disk with it.
 */
export function limited(log: Log, most: number, now: () => number = Date.now): Log {
  let minute = Number.NaN;
  let count = 0;
  return (entry) => {
    const current = Math.floor(now() / 60_000);
    if (current !== minute) {
      if (count > most) log({ level: 'warn', event: 'not-logged', entries: count - most });
      minute = current;
      count = 0;
    }
    count += 1;
    if (count <= most) log(entry);
  };
}
