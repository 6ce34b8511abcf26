import { spread } from './measure';

// The columns of the report; a figure stands at the right of its column.
const WIDTHS = [28, 12, 12, 24, 8] as const;

/** Above this, a login costs so much more among many than among few that growth is not linear: squared, it is 10. */
const LINEAR = 2;

export function heading(rounds: number): string {
  return [
    `Whole processes of \`synth\`, ${rounds} of each in turn after one that does not count. Bare: a CDKTF program`,
    'without the model, generated from the same JSON and checked to emit it. Ratio: ours / bare, round by round.',
    '',
    row('', 'ours', 'bare', 'ratio (min – max)', 'target', 'verdict'),
  ].join('\n');
}

/**
 * One row: medians of both sides, and the median of the ratios within a round.
 * @param ours one value a round, as many as `bare`
 * @param target the highest ratio that is good; without it nothing is judged
 */
export function comparison(
  title: string,
  ours: readonly number[],
  bare: readonly number[],
  unit: string,
  target?: number,
): string {
  const ratio = spread(ours.map((value, round) => value / (bare[round] as number)));
  const shown = ratio.median.toFixed(2);
  const value = (values: readonly number[]) => `${spread(values).median.toFixed(0)} ${unit}`;
  return row(
    title,
    value(ours),
    value(bare),
    `${shown} (${ratio.minimum.toFixed(2)} – ${ratio.maximum.toFixed(2)})`,
    target === undefined ? '–' : `≤ ${target.toFixed(1)}`,
    // The figure that is shown is judged: "1.30, at most 1.3, MISSED" would puzzle.
    target === undefined ? '–' : verdict(Number(shown) <= target),
  );
}

/**
 * How the time grows with the number of logins: above an empty program, and for each further login.
 * @param floor milliseconds of an empty CDKTF program
 * @param points at least three, by rising number of logins
 */
export function growth(
  floor: number,
  points: readonly { readonly logins: number; readonly milliseconds: number }[],
): string {
  const rows = points.map(({ logins, milliseconds }, index) => {
    const before = points[index - 1];
    const above = milliseconds - floor;
    return row(
      `${logins.toLocaleString('en')} logins`,
      `${above.toFixed(0)} ms`,
      `${(above / logins).toFixed(2)} ms`,
      before ? `${perFurtherLogin(before, { logins, milliseconds }).toFixed(2)} ms` : '–',
    );
  });
  const [first, second, third] = points.slice(-3) as [Point, Point, Point];
  const few = perFurtherLogin(first, second);
  const bend = perFurtherLogin(second, third) / few;
  return [
    '',
    `Growth above an empty CDKTF program (${floor.toFixed(0)} ms)`,
    row('', 'above', 'per login', 'per further login'),
    ...rows,
    // Noise can hide what few logins cost; then nothing is known about the growth.
    row(
      'last step / the one before',
      '',
      '',
      few > 0 ? bend.toFixed(2) : 'lost in noise',
      `≤ ${LINEAR.toFixed(1)}`,
      verdict(few > 0 && bend <= LINEAR),
    ),
  ].join('\n');
}

interface Point {
  readonly logins: number;
  readonly milliseconds: number;
}

function perFurtherLogin(before: Point, after: Point): number {
  return (after.milliseconds - before.milliseconds) / (after.logins - before.logins);
}

function verdict(good: boolean): string {
  return good ? 'met' : 'MISSED';
}

function row(title: string, ...cells: string[]): string {
  const [first, ...rest] = WIDTHS;
  return [
    title.padEnd(first),
    ...cells.map((cell, index) => (index < rest.length ? cell.padStart(rest[index] as number) : `  ${cell}`)),
  ]
    .join('')
    .trimEnd();
}
