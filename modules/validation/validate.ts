import { types } from 'node:util';
import { safeParse } from 'valibot';
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
import { reportMaintain } from './maintain';
import { reportAwsPlaces } from './places';
import { hasHoles, type PathFault, plainData, unknownValues } from './plain-data';
import { reportPrincipals } from './principals';
import type { Report } from './report';
import { environmentSchema } from './schema';
import { issueText } from './shape/issue-text';

/**
 * Checks all environments of a project together.
 * @throws EnvironmentError with every fault at once, and nothing else, whatever it is given.
 */
export function validateEnvironments(environments: readonly Environment[]): void {
  const notAList = listFault(environments);
  if (notAList !== undefined) {
    const found = fault(
      'environment-shape',
      '(the list)',
      notAList,
      'write a list of environments: [dev, prod]',
    );
    throw new EnvironmentError([{ ...found, environment: '(all)' }]); // node-do-not-add-exception-line
  }
  const faults: Fault[] = [];
  const wellFormed: Environment[] = [];
  for (let index = 0; index < environments.length; index++) {
    const environment = itemOf(environments, index);
    const name = nameOf(environment) ?? `number ${index + 1} of the list`;
    const within = faultsWithin(environment, name, {
      // Only constructs stand beside resources whose names Terraform knows later.
      ownFaults: unknownValues,
      rules: (each, reporter) => {
        reportAwsPlaces(each, reporter('environment-places'));
        reportMaintain(each, reporter('environment-groups'));
      },
    });
    // Not spread: a list can have more faults than a call has arguments.
    for (const each of within.faults) faults.push(each);
    if (within.environment) wellFormed.push(within.environment);
  }
  const claimants = wellFormed.map((environment) => ({
    name: environment.name,
    claims: environmentClaims(environment),
  }));
  faults.push(...claimedTwice('environment', claimants));
  if (faults.length > 0) throw new EnvironmentError(faults); // node-do-not-add-exception-line
}

/** Why a value is not a list that can be read. */
function listFault(list: unknown): string | undefined {
  // A revoked Proxy does not even say whether it is an array.
  if (types.isProxy(list)) return 'is a Proxy, which may answer differently each time';
  if (!Array.isArray(list)) return 'is not a list';
  return hasHoles(list) ? 'has a hole between its items' : undefined;
}

function itemOf(list: readonly unknown[], index: number): unknown {
  try {
    return list[index];
  } catch {
    return undefined;
  }
}

/** What the environment calls itself, if that can be read and printed. */
function nameOf(environment: unknown): string | undefined {
  if (typeof environment !== 'object' || environment === null || types.isProxy(environment)) return undefined;
  try {
    const { name } = environment as Partial<Environment>;
    return typeof name === 'string' && name.length <= 100 ? name : undefined;
  } catch {
    return undefined;
  }
}

type Reporter = (rule: EnvironmentRule) => Report;

/** What else is asked of an environment. */
interface FurtherRules {
  /** Of the plain data, before its shape is known. */
  readonly ownFaults?: (data: unknown, path: readonly PropertyKey[]) => readonly PathFault[];
  /** Once the shape is right. */
  readonly rules?: (environment: Environment, reporter: Reporter) => void;
}

/** The faults of one environment in itself, and the environment as plain data if its shape is right. */
export function faultsWithin(
  environment: unknown,
  name: string,
  { ownFaults, rules }: FurtherRules = {},
): { readonly faults: readonly Fault[]; readonly environment?: Environment } {
  const faults: Fault[] = [];
  const reporter: Reporter = (rule) => (path, message, wayOut) =>
    faults.push(environmentFault(rule, name, path, message, wayOut));
  const { data, faults: notPlain } = plainData(environment);
  const told = [...notPlain, ...(ownFaults?.(data, []) ?? [])];
  for (const { path, message } of told) reporter('environment-plain-data')(path, message);

  const toldPaths = new Set(told.map(({ path }) => pathKey(path)));
  const shape = safeParse(environmentSchema, data);
  const issues = (shape.issues ?? [])
    .map((issue) => ({ path: (issue.path ?? []).map((step) => step.key as PropertyKey), issue }))
    // What is no data has no shape either.
    .filter(({ path }) => !isWithinOne(path, toldPaths));
  for (const { path, issue } of issues) {
    const { message, wayOut } = issueText(issue);
    reporter('environment-shape')(path, message, wayOut);
  }
  if (!shape.success) return { faults };
  // Rules between fields read the fields: they can only be asked once the shape is right.
  const wellFormed = data as Environment;
  reportRules(wellFormed, reporter);
  rules?.(wellFormed, reporter);
  return { faults, environment: wellFormed };
}

/** @param outer as `pathKey` writes them: a set, because there can be as many as values */
function isWithinOne(path: readonly PropertyKey[], outer: ReadonlySet<string>): boolean {
  if (outer.size === 0) return false;
  return [...path.keys(), path.length].some((steps) => outer.has(pathKey(path.slice(0, steps))));
}

function pathKey(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

function reportRules(environment: Environment, reporter: Reporter): void {
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
