import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../clients/error';
import { leftBehind } from '../modules/access/left-behind';
import { notInStateFinding } from '../modules/access/rules/not-in-state';
import { stackName } from '../modules/environment/environment';
import { findingsText } from '../modules/findings/finding';
import { deployCommand, recoverCommand, SYNTH_COMMAND } from '../modules/names/commands';
import { RECOVERY_FILE, STACK_FILE, terraformText } from '../modules/names/terraform';
import { plural } from '../modules/names/text';
import { attributesInState } from '../modules/plan/terraform-state';
import type { AdminOptions } from './admin-database';
import { liveQuestion } from './check';
import { done, EXIT, type Outcome } from './outcome';
import { loadEnvironment } from './project';
import { type Import, resourcesInState, type StateOptions, stackFolder } from './stack-state';

export type RecoverOptions = AdminOptions & StateOptions;

/**
 * What a deploy that was killed has made, and not written into the state: writes import blocks for one run, beside the stack.
 * Changes nothing in the database, and refuses all where one thing is somebody else's.
 * @throws UserError
 */
export async function recover(
  name: string,
  options: RecoverOptions,
  remark: (line: string) => void,
): Promise<Outcome> {
  const environment = loadEnvironment(name);
  const stack = stackName(environment, 'database');
  const folder = stackFolder(stack, options);
  const file = join(folder, RECOVERY_FILE);
  const inState = attributesInState(await resourcesInState(stack, options), 'postgresql_role', 'name');
  const { question, live } = await liveQuestion(environment, options, remark);
  const lost = leftBehind(question, live, inState);
  const foreign = lost.filter(({ differences }) => differences.length > 0);
  if (foreign.length > 0) {
    rmSync(file, { force: true });
    const text = findingsText(foreign.map((each) => notInStateFinding(each)));
    return {
      text: `${text}Nothing was written. ${foreign.length < lost.length ? `Then run ${recoverCommand(name)} again.` : ''}\n`,
      exit: EXIT.found,
    };
  }
  if (lost.length === 0) {
    const leftover = existsSync(file) ? `, and removed ${file}` : '';
    rmSync(file, { force: true });
    return done(`Every role of ${name} that exists is in the state of ${stack}${leftover}.\n`);
  }
  const addresses = roleAddresses(folder);
  const imports = lost.map(({ kind, name: role }): Import => {
    const to = addresses.get(terraformText(role));
    if (to === undefined)
      throw new UserError(
        `${stack} as it is synthesized has no ${kind} ${role}. Run ${SYNTH_COMMAND} first.`,
      );
    return { to, id: terraformText(role) };
  });
  writeFileSync(file, `${JSON.stringify({ import: imports }, null, 2)}\n`);
  return done(
    [
      ...lost.map(
        ({ kind, name: role }) =>
          `${kind} ${role} exists as the environment describes it, and is not in the state`,
      ),
      `${plural(imports.length, 'import block')} in ${file}. If nobody else is deploying, run:`,
      `  ${deployCommand(stack)}`,
      `  ${recoverCommand(name)}   # again: finds nothing more, and removes the file`,
      '',
    ].join('\n'),
  );
}

/** Name of the role as it stands in the stack -> address. */
function roleAddresses(folder: string): Map<string, string> {
  const { resource = {} } = JSON.parse(readFileSync(join(folder, STACK_FILE), 'utf8')) as {
    resource?: Record<string, Record<string, { readonly name?: string }>>;
  };
  return new Map(
    Object.entries(resource['postgresql_role'] ?? {}).map(([id, role]) => [
      String(role.name),
      `postgresql_role.${id}`,
    ]),
  );
}
