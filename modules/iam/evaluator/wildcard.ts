import { NO, unknown, type Verdict, verdict, YES } from './verdict';

/** `*`: any characters, or none. */
export const ANY = Symbol('*');
/** `?`: exactly one character. */
export const ONE = Symbol('?');

/** A policy's string, taken apart: what came from a variable stands in it as literal characters. */
export type Pattern = readonly (string | typeof ANY | typeof ONE)[];

/** The pattern of a text without variables. */
export function wildcardPattern(text: string): Pattern {
  return [...text].map((character) => (character === '*' ? ANY : character === '?' ? ONE : character));
}

/**
 * Whether the whole text matches. Keeps the set of places in the pattern that the text so far can have reached,
 * so the time is at most length × length: a regular expression would take exponential time on `*a*a*a*a*`.
 * @param spansColon whether the wildcard at this place of the pattern may stand for a colon
 */
export function matches(pattern: Pattern, text: string, spansColon = (_place: number) => true): boolean {
  let reached = withSkippedStars(pattern, [0]);
  for (const character of text) {
    const next: number[] = [];
    for (const place of reached) {
      const element = pattern[place];
      if (element === undefined) continue;
      const stands =
        typeof element === 'string' ? element === character : character !== ':' || spansColon(place);
      if (stands) next.push(element === ANY ? place : place + 1);
    }
    reached = withSkippedStars(pattern, next);
  }
  return reached.has(pattern.length);
}

/** A `*` may also stand for nothing. */
function withSkippedStars(pattern: Pattern, places: readonly number[]): Set<number> {
  const reached = new Set<number>();
  for (const place of places) {
    let after = place;
    reached.add(after);
    // What follows a place that was reached before was followed then: a run of stars is walked once.
    while (pattern[after] === ANY && !reached.has(after + 1)) reached.add(++after);
  }
  return reached;
}

/**
 * Whether a `Resource` matches an ARN; case-sensitive.
 * The manual: wildcards work within the segments between colons; a `*` that ends its segment can reach beyond the
 * colon; the segment of the service takes no wildcard. What matches only in a wider reading is not judged.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesResource(pattern: Pattern, arn: string): Verdict {
  if (pattern.length === 1 && pattern[0] === ANY) return YES;
  if (!matches(pattern, arn)) return NO;
  const service = components(pattern)[2];
  if (!service || service.some((element) => typeof element !== 'string'))
    return unknown('the IAM manual allows no wildcard in the place of the service in an ARN');
  const endsSegment = pattern.map(
    (element, place) => element === ANY && (pattern[place + 1] === undefined || pattern[place + 1] === ':'),
  );
  if (matches(pattern, arn, (place) => endsSegment[place] === true)) return YES;
  return unknown('the IAM manual does not say that a wildcard inside a segment of an ARN spans a colon');
}

/**
 * The ARN condition operators check each of the six components on its own; case-sensitive.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function matchesArnComponents(pattern: Pattern, arn: string): Verdict {
  const wanted = components(pattern);
  const given = components([...arn]);
  if (wanted.length < 6 || given.length < 6) return unknown('an ARN has six components separated by colons');
  return verdict(wanted.every((component, index) => matches(component, (given[index] ?? []).join(''))));
}

/** Split at the first five colons: the resource, which comes last, may contain more. */
function components(pattern: Pattern): Pattern[] {
  const split: Pattern[] = [];
  let rest = pattern;
  for (let colon = rest.indexOf(':'); colon >= 0 && split.length < 5; colon = rest.indexOf(':')) {
    split.push(rest.slice(0, colon));
    rest = rest.slice(colon + 1);
  }
  return [...split, rest];
}

/** Names and ids of principals are ASCII; folding more would make other characters equal to them (K and the Kelvin sign). */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
