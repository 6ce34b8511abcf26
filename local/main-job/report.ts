/** One line of the report. */
export interface Check {
  /** Dotted and stable: `login.orders_api`. */
  readonly id: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was seen, in one line. */
  readonly detail: string;
}

/** A check that found what it should not have. The message is the detail. */
export class CheckFailure extends Error {}

/** Throws a CheckFailure unless `condition` holds. */
export function expectThat(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new CheckFailure(otherwise);
}

/** Collects checks and shows them, and the steps between them, as they come. */
export class Report {
  readonly checks: Check[] = [];
  private readonly terminal = process.stdout.isTTY === true;
  private ended = false;

  /** Does a step that everything after it needs, and shows how long it took. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.refuseAfterEnd();
    const start = Date.now();
    if (this.terminal) process.stdout.write(`… ${title}`);
    try {
      const result = await work();
      this.line(`${this.terminal ? '✓ ' : ''}${title} (${seconds(start)})`);
      return result;
    } catch (error) {
      this.line(`${this.terminal ? '✗ ' : ''}${title}: failed after ${seconds(start)}`);
      throw error;
    }
  }

  /** Runs one check. `look` returns what it saw, and throws what it should not have seen. */
  async check(id: string, look: () => Promise<string>): Promise<void> {
    this.refuseAfterEnd();
    let check: Check;
    try {
      check = { id, status: 'passed', detail: await look() };
    } catch (error) {
      check = { id, status: 'failed', detail: oneLine(error) };
    }
    // What was interrupted has neither passed nor failed.
    this.refuseAfterEnd();
    this.add(check);
  }

  skip(id: string, reason: string): void {
    this.add({ id, status: 'skipped', detail: reason });
  }

  say(text: string): void {
    this.line(text);
  }

  /** Nothing is shown or noted any more but what comes here. What goes on in the background stops at its next step or check. */
  end(text: string): void {
    this.ended = false;
    this.line(text);
    this.ended = true;
  }

  get failed(): boolean {
    return this.checks.some((check) => check.status === 'failed');
  }

  private add(check: Check): void {
    this.checks.push(check);
    this.line(`${check.status.padEnd(7)}  ${check.id}  ${check.detail}`);
  }

  private refuseAfterEnd(): void {
    if (this.ended) throw new Error('The report is at its end.');
  }

  private line(text: string): void {
    if (this.ended) return;
    // On a terminal the line of the running step is written over.
    process.stdout.write(`${this.terminal ? '\r\x1b[2K' : ''}${text}\n`);
  }
}

function seconds(start: number): string {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`;
}

function oneLine(error: unknown): string {
  const text =
    error instanceof CheckFailure ? error.message : String(error instanceof Error ? error.message : error);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
