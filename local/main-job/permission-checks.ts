import type { Environment } from '../../modules';
import { deploymentPermissions } from '../../modules/connect/deploying-role/deploying-role';
import { permissionsCommand } from '../../modules/names/commands';
import { numberedParts } from '../../modules/names/outputs';
import { type ObservedCall, refusedCalls } from '../aws/observed-calls';
import { expectThat, type Report } from './report';

/** Whether each stack's document allows all that Terraform has called for the stack, on the resources that it named. */
export async function checkPermissions(
  report: Report,
  environment: Environment,
  stacks: readonly string[],
  calls: readonly ObservedCall[],
): Promise<void> {
  const documents = Object.entries(deploymentPermissions(environment));
  for (const stack of stacks)
    await report.check(`permissions.${stack}`, async () => {
      const own = calls.filter(({ program }) => program === stack);
      expectThat(own.length > 0, 'no call of Terraform was seen');
      const refusals = refusedCalls(
        own,
        documents.filter(([name]) => numberedParts(name).key === stack).map(([, document]) => document),
      );
      expectThat(refusals.length === 0, refusals.join('; '));
      const actions = new Set(own.map(({ action }) => action));
      return `all ${own.length} calls of ${actions.size} actions are allowed by \`${permissionsCommand(environment.name, stack)}\``;
    });
}
