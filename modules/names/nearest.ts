/** The candidate that differs from a text in the fewest characters; undefined where even that is another word. */
export function nearest(text: string, candidates: readonly string[], most = 2): string | undefined {
  let best: string | undefined;
  let fewest = most + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - text.length) >= fewest) continue;
    const distance = edits(text, candidate);
    if (distance < fewest) [best, fewest] = [candidate, distance];
  }
  return best;
}

/** Levenshtein's distance: how many characters to add, take away or change. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++)
      next.push(
        Math.min(
          (next[column - 1] as number) + 1,
          (row[column] as number) + 1,
          (row[column - 1] as number) + (character === to[column - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row.at(-1) as number;
}
