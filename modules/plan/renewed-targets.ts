import { isResourceId } from '../names/arn';
import { OUTPUTS } from '../names/outputs';
import { type ConnectChanges, connectChanges, type HeldRight } from './connect-access';
import type { TerraformPlan } from './terraform-plan';

/** A cluster or instance that has another resource id than before, under the same ARN, so under the same name. */
export interface RenewedTarget {
  /** `output.cluster_resource_id` */
  readonly address: string;
  readonly arn: string;
  readonly before: string;
  readonly after: string;
}

const OUTPUTS_OF_TARGETS = [
  [OUTPUTS.clusterArn, OUTPUTS.clusterResourceId],
  [OUTPUTS.instanceArn, OUTPUTS.instanceResourceId],
] as const;

/** By the outputs of a stack that looks its target up: what they were stands in the state, out of reach of whoever plans. */
export function renewedTargets({ output_changes: outputs = {} }: TerraformPlan): RenewedTarget[] {
  return OUTPUTS_OF_TARGETS.flatMap(([arnOutput, idOutput]) => {
    const [arn, id] = [outputs[arnOutput], outputs[idOutput]];
    const [before, after] = [id?.before, id?.after];
    const isSame = typeof arn?.before === 'string' && arn.before === arn.after;
    return isSame && isId(before) && isId(after) && before !== after
      ? [{ address: `output.${idOutput}`, arn: arn.before as string, before, after }]
      : [];
  });
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && isResourceId(value);
}

export interface MovedRights {
  readonly target: RenewedTarget;
  readonly rights: number;
  readonly holders: number;
}

/**
 * What is given and taken, without what only follows a target to its new id: the same identity, as the same login, under the same
 * conditions, in the same place. Whatever has no such counterpart stays in both lists.
 */
export function withoutMoved(plan: TerraformPlan): {
  readonly all: ConnectChanges;
  readonly rest: ConnectChanges;
  readonly moved: readonly MovedRights[];
} {
  const all = connectChanges(plan);
  let { gains, loses } = all;
  const moved: MovedRights[] = [];
  for (const target of renewedTargets(plan)) {
    const followed = new Set(gains.map((held) => keyWith(held, target.after, target.before)));
    const left = loses.filter((held) => followed.has(keyWith(held, target.before, target.before)));
    if (left.length === 0) continue;
    const keys = new Set(left.map((held) => keyWith(held, target.before, target.before)));
    gains = gains.filter((held) => !keys.has(keyWith(held, target.after, target.before) ?? ''));
    loses = loses.filter((held) => !left.includes(held));
    const holders = new Set(left.map(({ holder }) => JSON.stringify(holder)));
    moved.push({ target, rights: left.length, holders: holders.size });
  }
  return { all, rest: { ...all, gains, loses }, moved };
}

/** Of a right to connect to `from`: the same with another id in its place. */
function keyWith({ holder, right }: HeldRight, from: string, id: string): string | undefined {
  return right.kind === 'connect' && right.resourceId === from
    ? JSON.stringify([holder, { ...right, resourceId: id }])
    : undefined;
}
