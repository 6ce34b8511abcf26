import type { Change, PlanAction, PlanConfiguration, ResourceChange, TerraformPlan } from './terraform-plan';

/**
 * Two plans of creating everything, before and after a change of the code, as one plan of that change. It shows what the
 * change asks for; what a server makes of it (a replacement, drift) only a plan against the real thing can say.
 */
export function comparedPlans(base: TerraformPlan, head: TerraformPlan): TerraformPlan {
  const was = byAddress(base);
  const is = byAddress(head);
  const addresses = [...new Set([...was.keys(), ...is.keys()])].sort();
  const outputs = new Set([...keysOf(base.output_changes), ...keysOf(head.output_changes)]);
  return {
    ...head,
    resource_changes: addresses.map((address) => {
      const [before, after] = [was.get(address), is.get(address)];
      const { type, mode } = (after ?? before) as ResourceChange;
      return { address, type, mode, change: changeOf(before?.change, after?.change) };
    }),
    output_changes: Object.fromEntries(
      [...outputs].map((name) => [name, changeOf(base.output_changes?.[name], head.output_changes?.[name])]),
    ),
    // What was attached to what, the configuration of its time says.
    configuration: { ...head.configuration, root_module: bothModules(base, head) },
  };
}

function changeOf(base: Change | undefined, head: Change | undefined): Change {
  const before = base?.after ?? null;
  const after = head?.after ?? null;
  return {
    actions: [actionOf(base, head)],
    before,
    after,
    after_unknown: head?.after_unknown,
    before_sensitive: base?.after_sensitive,
    after_sensitive: head?.after_sensitive,
    ...(head?.importing && !base ? { importing: head.importing } : {}),
  };
}

function actionOf(base: Change | undefined, head: Change | undefined): PlanAction {
  if (!base) return 'create';
  if (!head) return 'delete';
  return JSON.stringify([base.after, base.after_unknown]) === JSON.stringify([head.after, head.after_unknown])
    ? 'no-op'
    : 'update';
}

function byAddress({ resource_changes: changes = [] }: TerraformPlan): Map<string, ResourceChange> {
  return new Map(
    changes.filter(({ mode }) => mode === 'managed').map((resource) => [resource.address, resource]),
  );
}

function bothModules(
  base: TerraformPlan,
  head: TerraformPlan,
): NonNullable<PlanConfiguration['root_module']> {
  const resources = (plan: TerraformPlan) => plan.configuration?.root_module?.resources ?? [];
  const inHead = new Set(resources(head).map(({ address }) => address));
  return {
    ...head.configuration?.root_module,
    resources: [...resources(head), ...resources(base).filter(({ address }) => !inHead.has(address))],
  };
}

function keysOf(value: object | undefined): string[] {
  return Object.keys(value ?? {});
}
