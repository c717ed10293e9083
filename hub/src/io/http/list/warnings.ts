import { formatDurationMs, shortId } from '@flotilla/shared/base';
import type { GitMistake, HubFacts, ItemKind, PlacementItem } from '@flotilla/shared/model';

/** Mistakes of files that no placement shows are named up to so many; the rest is counted. */
const mistakesMax = 5;

/**
 * What is wrong around the items of a kind, as sentences: outages of the hub's surroundings, shown as such and never as
 * failures of clusters; for placements and rollouts also what of the control repository waits for a person.
 */
export function warningsOf(kind: ItemKind, facts: HubFacts, nowMs: number): readonly string[] {
  const { held } = facts.control;
  const isAboutGit = kind === 'placements' || kind === 'rollouts';
  const waits = held.filter(({ subject }) => isAboutGit && subject === 'control');
  return [
    ...outagesOf(facts, nowMs),
    ...waits.map(({ code, text }) => `${code}: control repository: ${text}`),
  ];
}

function outagesOf({ bus, control }: HubFacts, nowMs: number): readonly string[] {
  const outages: string[] = [];
  if (!bus.isConnected) {
    outages.push(
      `the bus is away for ${formatDurationMs(nowMs - bus.sinceMs)} (${bus.text}): states of clusters are as of then, the clusters go on`,
    );
  }
  if (control.failure !== undefined) {
    const { readAtMs } = control;
    const read =
      readAtMs === undefined
        ? 'not read since the hub started'
        : `last read ${formatDurationMs(nowMs - readAtMs)} ago`;
    outages.push(`${control.failure.code}: ${control.failure.text} (${read})`);
  }
  return outages;
}

/** The mistakes in Git that none of these placements shows: a broken strategy, or a new file that says nothing yet. */
export function mistakesApart(
  mistakes: readonly GitMistake[],
  placements: Iterable<PlacementItem>,
): readonly string[] {
  if (mistakes.length === 0) return [];
  const shown = new Set<string>();
  for (const { status } of placements) for (const one of status.errors) shown.add(mistakeText(one));
  const apart = mistakes.map(mistakeText).filter((text) => !shown.has(text));
  const more = apart.length - mistakesMax;
  return more > 0 ? [...apart.slice(0, mistakesMax), `and ${more} more mistakes in Git`] : apart;
}

function mistakeText({ file, line, column, commit, code, text }: GitMistake): string {
  return `${file}:${line}:${column}${commit === undefined ? '' : `@${shortId(commit)}`} ${code} ${text}`;
}
