import { overview, overviewRow, overviewText } from '../modules/connect/overview';
import { done, type Outcome } from './outcome';
import { loadEnvironment, loadEnvironments } from './project';

export interface ShowOptions {
  readonly json?: boolean;
}

/** The environments of the project, one line each. Asks nobody. @throws UserError */
export function list({ json = false }: ShowOptions): Outcome {
  const all = loadEnvironments().map(overview);
  if (json) return done(`${JSON.stringify({ environments: all }, null, 2)}\n`);
  if (all.length === 0) return done('This project has no environments.\n');
  const rows = all.map(overviewRow);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return done(`${rows.map(line).join('\n')}\n`);
}

/** What an environment has, and how to connect to it. Asks nobody. @throws UserError */
export function show(name: string, { json = false }: ShowOptions): Outcome {
  const shown = overview(loadEnvironment(name));
  return done(json ? `${JSON.stringify(shown, null, 2)}\n` : overviewText(shown));
}
