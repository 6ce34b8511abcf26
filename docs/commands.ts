import type { Command } from 'commander';
import { program } from '../cli/program';

/** docs/commands.md: what `--help` says, as one page. */
export function commands(): string {
  const all = program(() => {});
  const groups = new Map<string, Command[]>();
  for (const command of all.commands)
    groups.set(command.helpGroup(), [...(groups.get(command.helpGroup()) ?? []), command]);
  const sections = [...groups].map(
    ([group, members]) => `## ${group.replace(':', '')}\n\n${members.map(section).join('\n')}`,
  );
  return `<!-- Made by \`npm run docs\` from cli/program.ts. -->
# Commands

Run \`npx aurora-iam <command>\` in the folder of the project or below it. To try everything on one machine without an AWS account, run
\`npm start\` in a clone of this project.

| Exit code | Meaning |
| --- | --- |
| 0 | The command did what you asked, and found no fault |
| 1 | The command looked, and found at least one fault (\`check\`, \`preflight\`, \`lint\`, \`review\`) |
| 2 | The command could not do what you asked. The message says what is wrong with the command line, the project, AWS or the database |

\`connect\` exits with the exit code of psql.

${sections.join('\n')}`;
}

function section(command: Command): string {
  const usage = `aurora-iam ${command.name()} ${command.usage()}`;
  const rows = [
    ...command.registeredArguments.map((argument) => [
      `${argument.name()}${argument.variadic ? '…' : ''}`,
      argument.description,
    ]),
    ...command.options.map(({ flags, description, mandatory, defaultValue, envVar }) => [
      flags,
      `${description}${mandatory ? ' (required)' : ''}${defaultValue === undefined ? '' : ` (default: ${defaultValue}${envVar === undefined ? '' : `, or ${envVar}`})`}`,
    ]),
  ].map(([name, description]) => `| \`${name}\` | ${cell(description ?? '')} |`);
  return `### ${command.name()}

\`\`\`
${usage}
\`\`\`

${command.description()}

| | |
| --- | --- |
${rows.join('\n')}
`;
}

/** In a table, as text: `<` would begin an element, and a bar another cell. */
function cell(text: string): string {
  return text.replace(/[<|]/g, '\\$&');
}
