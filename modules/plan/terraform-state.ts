/** A resource that a state holds. */
export interface StateResource {
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A text that is not a state. */
export class StateFormatError extends Error {}

/**
 * What a state holds, of what `terraform state pull` prints (format 4) or `terraform show -json`. Nothing, as of a state that was
 * never written or was lost, is an empty state to Terraform, too.
 * https://developer.hashicorp.com/terraform/internals/json-format#state-representation
 * @throws StateFormatError, worded to follow the name of the file
 */
export function stateResources(text: string): StateResource[] {
  if (text.trim() === '') return [];
  const state = parsed(text);
  try {
    return resourcesOf(state);
  } catch (error) {
    if (error instanceof StateFormatError) throw error;
    throw new StateFormatError('is damaged: it does not list its resources as Terraform does');
  }
}

function resourcesOf(state: Parsed): StateResource[] {
  if (state.version === 4) return (state.resources ?? []).flatMap(instancesOf);
  if (state.planned_values !== undefined || state.resource_changes !== undefined)
    throw new StateFormatError('is a plan, not a state; make it with: terraform state pull > state.json');
  if (typeof state.format_version === 'string' && state.version === undefined)
    return shownIn(state.values?.root_module);
  throw new StateFormatError('is not a state; make it with: terraform state pull > state.json');
}

interface Parsed {
  readonly version?: number;
  readonly resources?: readonly PulledResource[];
  readonly format_version?: string;
  readonly values?: { readonly root_module?: ShownModule };
  readonly planned_values?: unknown;
  readonly resource_changes?: unknown;
}

interface PulledResource {
  readonly mode: string;
  readonly type: string;
  readonly instances?: readonly { readonly attributes?: Readonly<Record<string, unknown>> | null }[];
}

interface ShownModule {
  readonly resources?: readonly {
    readonly mode: string;
    readonly type: string;
    readonly values?: Readonly<Record<string, unknown>>;
  }[];
  readonly child_modules?: readonly ShownModule[];
}

function parsed(text: string): Parsed {
  try {
    const state: unknown = JSON.parse(text);
    if (typeof state === 'object' && state !== null) return state;
  } catch {
    // As for anything else that is no object.
  }
  throw new StateFormatError('cannot be read as JSON');
}

function instancesOf({ mode, type, instances = [] }: PulledResource): StateResource[] {
  return mode === 'managed'
    ? instances.map(({ attributes }) => ({ type, attributes: attributes ?? {} }))
    : [];
}

function shownIn(module: ShownModule = {}): StateResource[] {
  return [
    ...(module.resources ?? [])
      .filter(({ mode }) => mode === 'managed')
      .map(({ type, values = {} }) => ({ type, attributes: values })),
    ...(module.child_modules ?? []).flatMap(shownIn),
  ];
}

/** The values of one attribute of all resources of a type: the names of the roles. */
export function attributesInState(
  resources: readonly StateResource[],
  type: string,
  attribute: string,
): ReadonlySet<string> {
  return new Set(
    resources
      .filter((resource) => resource.type === type)
      .map(({ attributes }) => attributes[attribute])
      .filter((value) => typeof value === 'string'),
  );
}
