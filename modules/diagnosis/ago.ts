import { plural } from '../names/text';

/** `90 seconds`, `14 minutes`, `3 hours`: rounded down. */
export function ago(seconds: number): string {
  if (seconds < 120) return plural(Math.floor(seconds), 'second');
  if (seconds < 7200) return plural(Math.floor(seconds / 60), 'minute');
  return seconds < 172_800
    ? plural(Math.floor(seconds / 3600), 'hour')
    : plural(Math.floor(seconds / 86_400), 'day');
}
