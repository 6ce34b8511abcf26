import { nameFault } from '../names/postgresql';

/** Takes one fault of the environment at hand. @param wayOut absent where the message is one text with both: `what is so; what to do` */
export type Report = (path: readonly PropertyKey[], message: string, wayOut?: string) => void;

export function reportName(name: string, path: readonly PropertyKey[], report: Report): void {
  const fault = nameFault(name);
  if (fault) report(path, fault);
}

export function reportRepeated(
  values: readonly string[],
  path: readonly PropertyKey[],
  report: Report,
): void {
  const seen = new Set<string>();
  values.forEach((value, index) => {
    if (seen.has(value)) report([...path, index], `"${value}" is named twice`, 'remove one of the two');
    seen.add(value);
  });
}

/** A message stays readable however many names there are. */
const MAXIMUM_CHOICES = 20;

/** The way out of a name that is not there. @param where one could be added */
export function choices(names: readonly string[], where?: string): string {
  if (names.length === 0)
    return where ? `there is none yet: add one under ${where}` : 'there is none to choose from: remove it';
  const more = names.length > MAXIMUM_CHOICES ? `, … (${names.length} in all)` : '';
  return `write one of ${names.slice(0, MAXIMUM_CHOICES).join(', ')}${more}${where ? `, or add it under ${where}` : ''}`;
}
