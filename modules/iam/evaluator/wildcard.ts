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
    // Most patterns fail at one of their first characters.
    if (next.length === 0) return false;
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

/** arn, partition, service, region, account, resource. */
const ARN_FIELDS = 6;
/** Services whose ARNs name a resource without saying its type before it. */
const WITHOUT_RESOURCE_TYPE = ['s3', 'sqs', 'sns'];

/**
 * The pattern of a `Resource`, a missing field filled in: "When you specify an incomplete ARN (one with fewer than the
 * standard six fields) in an identity-based policy, AWS automatically completes the ARN by adding wildcard characters to
 * all missing fields."
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export function completedArn(pattern: Pattern): Pattern {
  if (pattern.every((element) => element === ANY)) return pattern;
  const missing = Math.max(0, ARN_FIELDS - components(pattern).length);
  return [...pattern, ...Array.from({ length: missing }, () => [':', ANY] as const).flat()];
}

/** Whether `completedArn` adds something. @param resource as the policy writes it; a variable is a part of one field */
export function isIncompleteArn(resource: string): boolean {
  return resource !== '*' && resource.replace(/\$\{[^{}]*\}?/g, '').split(':').length < ARN_FIELDS;
}

/**
 * Whether a `Resource` matches an ARN.
 * Sure is what matches field by field. What the manual does not allow (a wildcard as partition, service or resource
 * type), or leaves open (how far a `*` reaches beyond its field, another case before the resource), is not judged.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export function matchesResource(written: Pattern, arn: string): Verdict {
  if (written.length === 1 && written[0] === ANY) return YES;
  const pattern = completedArn(written);
  if (!mayMatchResource(written, arn)) return NO;
  if (components(pattern).some((field, index) => isLeftEmpty(written, field, index)))
    return unknown('what an empty field of an ARN stands for is not in the IAM manual');
  const wanted = components(pattern);
  const given = components([...arn]);
  const [, partition = [], service = [], , , resource = []] = wanted;
  for (const [name, field] of [
    ['partition', partition],
    ['service', service],
  ] as const) {
    if (hasWildcard(field)) return unknown(`the IAM manual allows no wildcard as the ${name} of an ARN`);
  }
  const fieldsMatch =
    given.length === ARN_FIELDS &&
    wanted.every((field, index) => {
      const text = (given[index] ?? []).join('');
      return index < ARN_FIELDS - 1 ? matches(field, text) : matches(field, text, endsSegment(field));
    });
  if (!fieldsMatch)
    return unknown(
      matches(pattern, arn)
        ? 'it matches only if a wildcard spans a colon of the ARN, which is not taken for sure'
        : 'the IAM manual does not say whether case counts before the resource of an ARN',
    );
  if (typeHasWildcard(service, resource))
    return unknown('the IAM manual allows no wildcard in the resource type of an ARN');
  return YES;
}

/** The widest reading of a `Resource`: what does not match even so surely does not match. */
export function mayMatchResource(written: Pattern, arn: string): boolean {
  const fields = components(completedArn(written)).map((field, index) => {
    if (isLeftEmpty(written, field, index)) return [ANY] as const;
    return index === ARN_FIELDS - 1 ? field : lowerCased(field);
  });
  const given = arn.split(':');
  const text = given.map((field, index) => (index < ARN_FIELDS - 1 ? lowerCase(field) : field)).join(':');
  return matches(joined(fields), text);
}

/** An empty field that could be taken for a missing one. Region and account of a whole ARN are empty in many services. */
function isLeftEmpty(written: Pattern, field: Pattern, index: number): boolean {
  const mayBeEmpty = (index === 3 || index === 4) && components(written).length === ARN_FIELDS;
  return field.length === 0 && !mayBeEmpty;
}

/** A `*` that ends its segment can reach beyond the colon: in the resource, whose colons are part of one field. */
function endsSegment(pattern: Pattern): (place: number) => boolean {
  return (place) =>
    pattern[place] === ANY && (pattern[place + 1] === undefined || pattern[place + 1] === ':');
}

function typeHasWildcard(service: Pattern, resource: Pattern): boolean {
  if (WITHOUT_RESOURCE_TYPE.includes(service.join(''))) return false;
  if (resource.every((element) => element === ANY)) return false;
  const end = resource.findIndex((element) => element === ':' || element === '/');
  return hasWildcard(end < 0 ? resource : resource.slice(0, end));
}

function hasWildcard(pattern: Pattern): boolean {
  return pattern.some((element) => typeof element !== 'string');
}

function lowerCased(pattern: Pattern): Pattern {
  return pattern.map((element) => (typeof element === 'string' ? lowerCase(element) : element));
}

function joined(fields: readonly Pattern[]): Pattern {
  const all: Pattern[number][] = [];
  for (const [index, field] of fields.entries()) {
    if (index > 0) all.push(':');
    all.push(...field);
  }
  return all;
}

/**
 * The ARN condition operators check each of the six components on its own; case-sensitive.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function matchesArnComponents(pattern: Pattern, arn: string): Verdict {
  const wanted = components(pattern);
  const given = components([...arn]);
  if (wanted.length < ARN_FIELDS || given.length < ARN_FIELDS)
    return unknown('an ARN has six components separated by colons');
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
