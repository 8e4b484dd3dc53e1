/**
 * "Did you mean": the nearest of some names.
 * @module
 */

/** A question to put behind an error, with a blank before it; '' when nothing is near. */
export function suggest(wrong: string, names: readonly string[], write: (name: string) => string = (name) => name): string {
  const nearest = names
    .map((name) => ({ name, distance: name.startsWith(wrong) && wrong.length > 1 ? 1 : distance(wrong, name) }))
    .filter(({ name, distance }) => distance <= (wrong.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest === undefined ? "" : ` Did you mean "${write(nearest.name)}"?`;
}

/** How many letters to add, drop, replace or swap with the next (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, rows[i - 2][j - 2] + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
