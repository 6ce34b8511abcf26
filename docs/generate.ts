import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../local/project-directory';
import { type ObjectType, PRESET_PRIVILEGES } from '../modules';
import { PRESETS } from '../modules/environment/access';

// `npm run docs`: the parts of docs/ that are made from the code. A test compares them with what is committed.

/** Path below the project -> its content. */
export function generatedDocs(): Record<string, string> {
  return { 'docs/privileges.md': privileges() };
}

function privileges(): string {
  const columns: readonly (readonly [title: string, type: ObjectType])[] = [
    ['database', 'database'],
    ['each schema', 'schema'],
    ['all tables and views', 'table'],
    ['all sequences', 'sequence'],
  ];
  const rows = PRESETS.map((preset) => {
    const cells = columns.map(([, type]) => PRESET_PRIVILEGES[preset][type].join(', ') || '–');
    return `| \`${preset}\` | ${cells.join(' | ')} |`;
  });
  return `<!-- Made by \`npm run docs\` from modules/database/access-model.ts. -->
# What each preset grants

| preset | ${columns.map(([title]) => title).join(' | ')} |
| --- | ${columns.map(() => '---').join(' | ')} |
${rows.join('\n')}

- Tables, views and sequences: those that exist at the deployment, and by default privileges those that the owner
  groups of the same schema, and the \`creators\` named, make later.
- \`owner\` owns what the logins that act as it (\`actsAs\`) create, so it needs no grant on that. What others own stays
  theirs until it is handed over: \`ALTER TABLE … OWNER TO …\`.
- What every role has through \`PUBLIC\` is not taken away: \`CONNECT\` and \`TEMPORARY\` on the databases, \`EXECUTE\` on
  functions.
`;
}

if (require.main === module)
  for (const [path, content] of Object.entries(generatedDocs()))
    writeFileSync(join(PROJECT_DIRECTORY, path), content);
