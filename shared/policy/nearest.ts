/**
 * The known word that was most likely meant, or undefined when none is near: at most two letters differ, are missing,
 * are too many or have changed places, and fewer than half of them.
 */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const scored = known
    .map((word) => ({ word, distance: distance(typed.toLowerCase(), word.toLowerCase()) }))
    .filter((one) => one.distance <= 2 && one.distance * 2 < Math.max(typed.length, one.word.length));
  return scored.sort((a, b) => a.distance - b.distance)[0]?.word;
}

/** Edits from one word to another: a letter more, less, another, or two neighbours swapped. */
function distance(from: string, to: string): number {
  const rows: number[][] = [];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 0; row <= from.length; row++) {
    rows.push([]);
    for (let column = 0; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      rows[row]?.push(
        row === 0 || column === 0
          ? row + column
          : Math.min(
              at(row - 1, column) + 1,
              at(row, column - 1) + 1,
              at(row - 1, column - 1) + (same ? 0 : 1),
              swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
            ),
      );
    }
  }
  return at(from.length, to.length);
}
