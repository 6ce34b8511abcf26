import type { Change, PlanAction, ResourceChange, TerraformPlan } from './terraform-plan';
import { canonical, keysOf } from './values';

/**
 * Two plans of creating everything, before and after a change of the code, as one plan of that change. It shows what the
 * change asks for; what a server makes of it (a replacement, drift) only a plan against the real thing can say.
 */
export function comparedPlans(base: TerraformPlan, head: TerraformPlan): TerraformPlan {
  const was = byAddress(base);
  const is = byAddress(head);
  const keys = [...new Set([...was.keys(), ...is.keys()])].sort();
  const outputs = new Set([...keysOf(base.output_changes), ...keysOf(head.output_changes)]);
  return {
    ...head,
    resource_changes: keys.map((key) => {
      const [before, after] = [was.get(key), is.get(key)];
      return {
        ...((after ?? before) as ResourceChange),
        change: changeOf(before?.change, after?.change),
      };
    }),
    output_changes: Object.fromEntries(
      [...outputs].map((name) => [name, changeOf(base.output_changes?.[name], head.output_changes?.[name])]),
    ),
    base: {
      ...(base.configuration ? { configuration: base.configuration } : {}),
      ...(base.aurora_iam ? { aurora_iam: base.aurora_iam } : {}),
    },
  };
}

function changeOf(base: Change | undefined, head: Change | undefined): Change {
  return {
    actions: [actionOf(base, head)],
    before: base?.after ?? null,
    after: head?.after ?? null,
    after_unknown: head?.after_unknown,
    before_sensitive: base?.after_sensitive,
    after_sensitive: head?.after_sensitive,
    ...(head?.importing && canonical(head.importing) !== canonical(base?.importing)
      ? { importing: head.importing }
      : {}),
  };
}

function actionOf(base: Change | undefined, head: Change | undefined): PlanAction {
  if (!base) return 'create';
  if (!head) return 'delete';
  const what = ({ after, after_unknown: unknown, importing }: Change) =>
    canonical([after, unknown, importing]);
  return what(base) === what(head) ? 'no-op' : 'update';
}

/** Look-ups that wait for the apply, too: reading something then is a change like any other. */
function byAddress({ resource_changes: changes = [] }: TerraformPlan): Map<string, ResourceChange> {
  return new Map(
    changes.map((resource) => [
      [resource.mode === 'managed' ? 'managed' : 'look-up', resource.address, resource.deposed ?? ''].join(
        ' ',
      ),
      resource,
    ]),
  );
}
