import { catalogue, type RuleId } from '../modules/findings/catalogue';
import type { RuleEntry, Tool } from '../modules/findings/catalogue/entry';

const MADE = '<!-- Made by `npm run docs` from modules/findings/catalogue/. -->';

const TOOLS: Readonly<Record<Tool, { title: string; what: string }>> = {
  environment: {
    title: 'Environments',
    what: 'Every command that reads an environment checks it first, and so does the synthesis. Constructs of your own stacks are checked by the same rules.',
  },
  preflight: {
    title: 'preflight',
    what: '`aurora-iam preflight <env>`, before a deploy: what would fail half-way, and what would be taken away without a plan showing it.',
  },
  check: {
    title: 'check',
    what: '`aurora-iam check <env>`, after a deploy: what differs in the database from what the environment says.',
  },
  lint: {
    title: 'lint',
    what: '`aurora-iam lint <policy.json>`: mistakes in a policy for `rds-db:connect`. A `Deny` may be wide: only what makes it deny nothing is a mistake.',
  },
  review: {
    title: 'review',
    what: '`aurora-iam review <plan.json>`: what must not be applied without a person who has looked at it.',
  },
  doctor: {
    title: 'doctor',
    what: '`aurora-iam doctor <env> <login>`: why a login is refused, in the order that a login takes. [troubleshooting.md](../troubleshooting.md) starts from the message.',
  },
};

/** Path below the project -> its content. */
export function rules(): Record<string, string> {
  const pages = Object.entries(catalogue).map(
    ([id, entry]) => [`docs/rules/${id}.md`, page(id, entry)] as const,
  );
  return { 'docs/rules/README.md': index(), ...Object.fromEntries(pages) };
}

function page(id: string, entry: RuleEntry): string {
  const { tools, severity, title, why, whatToDo, example } = entry;
  return `${MADE}
# ${id}

${title}.

| | |
| --- | --- |
| found by | ${tools.map((tool) => `[${tool}](README.md#${anchor(tool)})`).join(', ')} |
| severity | ${severity} |

## Why it matters

${why}

## What to do

${whatToDo}
${example === undefined ? '' : `\n\`\`\`\n${example}\n\`\`\`\n`}`;
}

function anchor(tool: Tool): string {
  return TOOLS[tool].title.toLowerCase();
}

function index(): string {
  const entries = Object.entries(catalogue) as [RuleId, RuleEntry][];
  const sections = (Object.keys(TOOLS) as Tool[]).map((tool) => {
    const { title, what } = TOOLS[tool];
    const rows = entries
      .filter(([, { tools }]) => tools.includes(tool))
      .map(([id, entry]) => `| [\`${id}\`](${id}.md) | ${entry.severity} | ${cell(entry.title)} |`);
    return `## ${title}\n\n${what}\n\n| rule | severity | what it finds |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `${MADE}
# What the tools find

Each finding is one line: \`fault <rule> <where>: what is so; what to do\`. A **fault** must be mended, and makes the command exit with 1. A
**note** is for information. The ids of rules are stable, so scripts can rely on them. \`preflight\`, \`check\`, \`lint\` and \`review\` take
\`--json\`:

\`\`\`json
{ "findings": [{ "rule": "…", "severity": "fault", "where": "…", "message": "…", "wayOut": "…" }] }
\`\`\`

${sections.join('\n')}`;
}

/** In a table, a bar would begin another cell, and `<` an element. */
function cell(text: string): string {
  return text.replace(/[<|]/g, '\\$&');
}
