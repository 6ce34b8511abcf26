import { type BaseIssue, safeParse } from 'valibot';
import type { Environment } from '../environment/environment';
import {
  EnvironmentError,
  type EnvironmentRule,
  environmentFault,
  type Fault,
} from '../environment/environment-error';
import { fault } from '../findings/finding';
import { address } from '../names/terraform';
import { claimedTwice, environmentClaims } from './across';
import { reportAdmin } from './admin';
import { reportDatabases } from './databases';
import { reportGroups } from './groups';
import { reportLogins } from './logins';
import { reportAwsPlaces } from './places';
import { type PathFault, plainData, unknownValues } from './plain-data';
import { reportPrincipals } from './principals';
import type { Report } from './report';
import { environmentSchema } from './schema';

/**
 * Checks all environments of a project together.
 * @throws EnvironmentError with every fault at once, and nothing else, whatever it is given.
 */
export function validateEnvironments(environments: readonly Environment[]): void {
  if (!Array.isArray(environments))
    throw new EnvironmentError([
      {
        ...fault('environment-shape', '(the list)', 'is not an array of environments', 'write [dev, prod]'),
        environment: '(all)',
      },
    ]);
  const faults: Fault[] = [];
  const wellFormed: Environment[] = [];
  // A loop, which does not pass over the holes of an array.
  for (const [index, environment] of environments.entries()) {
    const name = typeof environment?.name === 'string' ? environment.name : `number ${index + 1} of the list`;
    const within = faultsWithin(environment, name, {
      // Only constructs stand beside resources whose names Terraform knows later.
      ownFaults: unknownValues,
      rules: reportAwsPlaces,
    });
    faults.push(...within.faults);
    if (within.environment) wellFormed.push(within.environment);
  }
  const claimants = wellFormed.map((environment) => ({
    name: environment.name,
    claims: environmentClaims(environment),
  }));
  faults.push(...claimedTwice('environment', claimants));
  if (faults.length > 0) throw new EnvironmentError(faults);
}

/** What else is asked of an environment. */
interface FurtherRules {
  /** Of the plain data, before its shape is known. */
  readonly ownFaults?: (data: unknown, path: readonly PropertyKey[]) => readonly PathFault[];
  /** Once the shape is right. */
  readonly rules?: (environment: Environment, report: Report) => void;
}

/** The faults of one environment in itself, and the environment as plain data if its shape is right. */
export function faultsWithin(
  environment: unknown,
  name: string,
  { ownFaults, rules }: FurtherRules = {},
): { readonly faults: readonly Fault[]; readonly environment?: Environment } {
  const faults: Fault[] = [];
  const reporter =
    (rule: EnvironmentRule): Report =>
    (path, message, wayOut) =>
      faults.push(environmentFault(rule, name, path, message, wayOut));
  const { data, faults: notPlain } = plainData(environment);
  const told = [...notPlain, ...(ownFaults?.(data, []) ?? [])];
  for (const { path, message } of told) reporter('environment-plain-data')(path, message);

  const shape = safeParse(environmentSchema, data);
  const issues = (shape.issues ?? [])
    .map((issue) => ({ path: (issue.path ?? []).map((step) => step.key as PropertyKey), issue }))
    // What is no data has no shape either.
    .filter(({ path }) => !told.some((fault) => isWithin(path, fault.path)));
  for (const { path, issue } of issues) reporter('environment-shape')(path, messageOf(issue));
  if (!shape.success) return { faults };
  // Rules between fields read the fields: they can only be asked once the shape is right.
  const wellFormed = data as Environment;
  reportRules(wellFormed, reporter);
  rules?.(wellFormed, reporter('environment-places'));
  return { faults, environment: wellFormed };
}

function isWithin(path: readonly PropertyKey[], outer: readonly PropertyKey[]): boolean {
  return outer.every((step, index) => path[index] === step);
}

/** What valibot finds; its own texts begin with a kind that adds nothing for a person. */
function messageOf({ message }: BaseIssue<unknown>): string {
  return message.replace(/^Invalid (type|key): E/, 'e');
}

function reportRules(environment: Environment, reporter: (rule: EnvironmentRule) => Report): void {
  reportDatabases(environment, reporter('environment-databases'));
  reportAdmin(environment, reporter('environment-admin'));
  reportGroups(environment, reporter('environment-groups'));
  reportLogins(environment, reporter('environment-logins'));
  reportPrincipals(environment, reporter('environment-principals'));

  const report = reporter('environment-addresses');
  const { access, principals } = environment;
  reportCollisions('group', Object.keys(access.groups), ['access', 'groups'], report);
  reportCollisions('login', Object.keys(access.logins), ['access', 'logins'], report);
  // IAM tells names of policies apart without regard to case, and they are made from the keys.
  reportCollisions('principal', Object.keys(principals), ['principals'], report, (id) => id.toLowerCase());
}

function reportCollisions(
  kind: string,
  names: readonly string[],
  path: readonly PropertyKey[],
  report: Report,
  fold: (id: string) => string = (id) => id,
): void {
  const taken = new Map<string, string>();
  for (const name of names) {
    const id = fold(address(kind, name));
    const other = taken.get(id);
    if (other !== undefined)
      report([...path, name], `would have the same address as "${other}"`, 'rename one of the two');
    else taken.set(id, name);
  }
}
