import { isSchemasProvisioner } from '../../names/commands';
import { configurationParts } from '../configuration';
import { code, visible } from '../markdown';
import { attributeOf, isSame, text } from '../values';
import { fault, type Rule } from './rule';

/** A command that the apply runs on its own machine, with all its credentials. */
export const provisioner: Rule<'provisioner'> = (plan, isAllowed) =>
  configurationParts(plan).flatMap(({ kind, value }) => {
    if (kind !== 'provisioner') return [];
    const holder = text(value, 'holder') ?? '';
    const given = attributeOf(value, 'provisioner');
    const expressions = attributeOf(given, 'expressions');
    const command = text(expressions, 'command');
    const isOurs =
      text(value, 'type') === 'terraform_data' &&
      command !== undefined &&
      isSchemasProvisioner(command) &&
      isSame(given, { type: 'local-exec', expressions: { command } });
    if (isOurs || isAllowed(holder)) return [];
    return [
      fault(
        'provisioner',
        holder,
        `runs ${code(visible(command ?? JSON.stringify(given)))} during the apply, with its credentials`,
        `if the command is yours, allow it: --allow-foreign ${code(holder)}`,
        given,
      ),
    ];
  });
