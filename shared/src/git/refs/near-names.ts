import { editDistance } from '../../base/index.ts';

/** Names shown in a message when one is not found. */
const namesMax = 3;

/**
 * Up to three of `names` that a person may have meant by `wanted`: close in spelling, or holding it. Nearest first,
 * ties by name. Pure.
 */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const wish = wanted.toLowerCase();
  const scoreMax = Math.max(1, Math.floor(wish.length / 3));
  const scored: { readonly name: string; readonly score: number }[] = [];
  for (const name of names) {
    const candidate = name.toLowerCase();
    const isPart = wish.length >= 3 && (candidate.includes(wish) || wish.includes(candidate));
    const score = isPart ? 1 : editDistance(wish, candidate, scoreMax);
    if (score <= scoreMax) scored.push({ name, score });
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
