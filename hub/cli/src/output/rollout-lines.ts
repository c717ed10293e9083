import { formatDurationMs } from '@flotilla/shared/base';
import type { AssignmentItem, PlacementItem, RolloutItem, StoppedRelease } from '@flotilla/shared/model';
import { commandText } from '../terminal.ts';
import { ageOf, seenCell } from './age.ts';
import { type Painter, toneOf } from './colour.ts';
import { actorText, commitText, readyText, reasonText } from './columns.ts';
import { failureLines, plural } from './count-lines.ts';
import { printable } from './printable.ts';
import { waveLines } from './wave-lines.ts';

/** A rollout with what surrounds it. */
export interface RolloutView {
  readonly rollout: RolloutItem;
  /** Undefined = it has left the repository and every cluster. */
  readonly placement: PlacementItem | undefined;
  /** Of the rollout; worst first, and not all of a large one. */
  readonly assignments: readonly AssignmentItem[];
  readonly asOfMs: number;
}

/** How a rollout is written. */
export interface RolloutLinesOptions {
  readonly paint: Painter;
  readonly programName: string;
  /** Ages change all the time: lines that are compared have none. */
  readonly hasAges: boolean;
}

const unknownNamesMax = 3;

/** The rollout on one screen: what it brings, how far it is, why it does not move, what fails, what to type next. */
export function rolloutLines(view: RolloutView, options: RolloutLinesOptions): readonly string[] {
  const { placement, rollout } = view;
  const { paint } = options;
  const isOver = rollout.status.endedAtMs !== undefined;
  const failures = isOver && rollout.status.counts.failed === 0 ? [] : (placement?.status.failures ?? []);
  return [
    headline(view, options),
    ...waveLines(rollout.spec.waves, paint),
    ...reasonLines(view, options),
    ...failureLines(failures, paint),
    ...unknownLines(view, options),
    `${paint('next', 'strong')}  ${commandText(options.programName, nextFor(view))}`,
  ];
}

function headline({ rollout, asOfMs }: RolloutView, { hasAges, paint }: RolloutLinesOptions): string {
  const { metadata, spec, status } = rollout;
  const passed = spec.waves.filter(({ state }) => state !== 'waiting').length;
  const parts = [
    paint(metadata.name, 'strong'),
    paint(status.isPaused ? `${status.state} (paused)` : status.state, toneOf(status.state)),
    status.isUrgent ? `${spec.kind}, urgent` : spec.kind,
    spec.release === undefined ? '' : printable(commitText(spec.release.commit)),
    spec.waves.length === 0 ? '' : `wave ${passed}/${spec.waves.length}`,
    `${readyText(rollout)} ready`,
    hasAges ? ageText(rollout, asOfMs) : '',
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function ageText({ status }: RolloutItem, asOfMs: number): string {
  if (status.endedAtMs === undefined) return `for ${ageOf(status.plannedAtMs, asOfMs)}`;
  const took = formatDurationMs(status.endedAtMs - status.plannedAtMs);
  return `ended ${ageOf(status.endedAtMs, asOfMs)} ago by ${actorText(status.by)} after ${took}`;
}

function reasonLines({ placement, rollout, asOfMs }: RolloutView, { hasAges, paint }: RolloutLinesOptions) {
  const { reason, state } = rollout.status;
  const lines = reason === undefined ? [] : [paint(printable(reasonText(reason)), toneOf(state))];
  for (const one of placement?.status.stopped ?? []) {
    // Its own end says it already.
    if (one.rollout === rollout.metadata.name && one.kind === 'aborted') continue;
    lines.push(printable(`${one.kind}: ${stoppedText(one, hasAges ? asOfMs : undefined)}`));
  }
  const skipped = placement?.status.skipped ?? 0;
  if (skipped > 0) lines.push(`left out: ${plural(skipped, 'cluster')}`);
  return lines;
}

/** `checkout-7 was rolled back by ada, 5m ago: incident 812`. */
export function stoppedText(
  { by, kind, rollout, sinceMs, text }: StoppedRelease,
  asOfMs: number | undefined,
): string {
  const what = kind === 'rejected' ? 'rolled back' : 'aborted';
  const age = asOfMs === undefined ? '' : `, ${ageOf(sinceMs, asOfMs)} ago`;
  return `${rollout} was ${what} by ${actorText(by)}${age}: ${text}`;
}

function unknownLines(
  { assignments, asOfMs }: RolloutView,
  { hasAges }: RolloutLinesOptions,
): readonly string[] {
  const unknown = unknownOf(assignments);
  if (unknown.length === 0) return [];
  const named = unknown.slice(0, unknownNamesMax).map(({ spec, status }) => {
    const seen = hasAges ? `, last seen ${seenCell(status.freshness, asOfMs).text}` : '';
    return `${spec.cluster}${seen}`;
  });
  const more = unknown.length > unknownNamesMax ? '; …' : '';
  return [`unknown: ${plural(unknown.length, 'cluster')} (${printable(named.join('; '))}${more})`];
}

/** Assignments of which nothing fresh is known. */
export function unknownOf(assignments: readonly AssignmentItem[]): readonly AssignmentItem[] {
  return assignments.filter(({ status }) => status.state === 'Unknown');
}

/** The command that a person most likely wants now. */
export function nextFor({ placement, rollout }: RolloutView): string {
  const { spec, status } = rollout;
  const name = spec.placement;
  const canUndo =
    spec.kind !== 'rollback' && spec.kind !== 'withdraw' && placement?.status.stable !== undefined;
  if (status.state === 'Halted') return `flotilla rollout ${canUndo ? 'undo' : 'resume'} ${name}`;
  if (status.isPaused) return `flotilla rollout resume ${name}`;
  if (status.state === 'Gated') return `flotilla rollout approve ${name}`;
  if (status.endedAtMs === undefined) return `flotilla rollout watch ${name}`;
  const isStopped = (placement?.status.stopped.length ?? 0) + (placement?.status.skipped ?? 0) > 0;
  if (isStopped) return `flotilla rollout retry ${name}`;
  if (status.state === 'Superseded') return `flotilla rollout status ${name}`;
  return `flotilla get assignments --field placement=${name}`;
}
