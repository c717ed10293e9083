/** Names shown in a message when one is not found. */
const namesMax = 3;

/**
 * Up to three of `names` that a person may have meant by `wanted`: close in spelling, or holding it. Nearest first,
 * ties by name. Pure.
 */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const wish = wanted.toLowerCase();
  const scored: { readonly name: string; readonly score: number }[] = [];
  for (const name of names) {
    const candidate = name.toLowerCase();
    const isPart = wish.length >= 3 && (candidate.includes(wish) || wish.includes(candidate));
    const score = isPart ? 1 : editDistance(wish, candidate);
    if (score <= Math.max(1, Math.floor(wish.length / 3))) scored.push({ name, score });
  }
  scored.sort((left, right) => left.score - right.score || (left.name < right.name ? -1 : 1));
  return scored.slice(0, namesMax).map(({ name }) => name);
}

/** `; did you mean a, b or c?`, or nothing. */
export function suggestion(names: readonly string[]): string {
  if (names.length === 0) return '';
  const last = names.at(-1);
  const others = names.slice(0, -1).join(', ');
  return `; did you mean ${others === '' ? last : `${others} or ${last}`}?`;
}

/**
 * Edits that turn one name into the other, two neighbours swapped counting as one (optimal string alignment). Names longer
 * than 100 characters are compared by their first 100.
 */
function editDistance(left: string, right: string): number {
  const a = left.slice(0, 100);
  const b = right.slice(0, 100);
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
