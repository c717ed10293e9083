import { closestName } from '@flotilla/shared/kit/settings';
import type { ItemKind } from '@flotilla/shared/model';
import { usageError } from './cli-error.ts';

interface KindWords {
  readonly kind: ItemKind;
  readonly one: string;
  readonly short: string;
}

/** The kinds of things that can be listed, with the words for them. */
export const kinds: readonly KindWords[] = [
  { kind: 'clusters', one: 'cluster', short: 'cl' },
  { kind: 'placements', one: 'placement', short: 'pl' },
  { kind: 'assignments', one: 'assignment', short: 'as' },
  { kind: 'rollouts', one: 'rollout', short: 'ro' },
];

/** Reads `clusters`, `cluster` or `cl`. Throws CliError for anything else. */
export function kindOf(word: string): ItemKind {
  const found = kinds.find(({ kind, one, short }) => [kind, one, short].includes(word.toLowerCase()));
  if (found !== undefined) return found.kind;
  const names = kinds.map(({ kind }) => kind);
  const near = closestName(word, names);
  throw usageError(`there is nothing called ${JSON.stringify(word)} to show`, {
    cause: `known are ${names.join(', ')}`,
    next: `flotilla get ${near ?? 'clusters'}`,
  });
}

/** `cluster` for `clusters`. */
export function oneOf(kind: ItemKind): string {
  return kinds.find((words) => words.kind === kind)?.one ?? kind;
}

/** Checks a name before it becomes part of a path. Throws CliError that says what it should look like. */
export function checkName(kind: ItemKind, name: string): string {
  const words = name.split('/');
  const isShaped = words.length === (kind === 'assignments' ? 2 : 1);
  if (isShaped && words.every((word) => /^[A-Za-z0-9][-A-Za-z0-9.]{0,127}$/.test(word))) return name;
  if (kind === 'assignments') {
    throw usageError(`${JSON.stringify(name)} does not name an assignment`, {
      cause: 'an assignment is named CLUSTER/PLACEMENT',
      next: 'flotilla get assignments',
    });
  }
  throw usageError(`${JSON.stringify(name)} is not the name of a ${oneOf(kind)}`, {
    next: `flotilla get ${kind}`,
  });
}
