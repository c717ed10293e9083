import type { Described, PlacementItem, ReleaseSummary, RolloutItem } from '@flotilla/shared/model';
import { ageOf } from '../age.ts';
import { toneOf } from '../colour.ts';
import { columnsOf, commitText, reasonText, signatureText, stateCell } from '../columns.ts';
import { plural, stateLines } from '../count-lines.ts';
import { printable } from '../printable.ts';
import { stoppedText } from '../rollout-lines.ts';
import { assignmentColumns, mistakeLines, Page, type PageOptions } from './page.ts';

/** The page of a placement: the rule, which revision runs where, what does not move and why. */
export function placementPage(described: Described<PlacementItem>, options: PageOptions): readonly string[] {
  const { item, assignments, more, rollouts } = described;
  const { metadata, spec, status } = item;
  const { asOfMs, paint } = options;
  const page = new Page(options);
  page.details([
    ['Placement', metadata.name],
    ['State', stateCell(status.state)],
    // A mistake in Git stands below, once.
    ['Reason', status.errors.length > 0 ? '' : reasonText(status.reason)],
    ['Defined at', spec.definedAt ?? 'left the repository; what is on the clusters is being withdrawn'],
    ['Source', `${spec.repo}//${spec.path}${spec.ref === '' ? '' : ` at ${spec.ref}`}`],
    ['Strategy', spec.strategy],
    ['Release', releaseText(status.release, asOfMs)],
    ['Stable', isSame(status.release, status.stable) ? '' : releaseText(status.stable, asOfMs)],
    ['Rollout', rolloutText(status.rollout)],
    ...status.stopped.map((one) => ['Stopped', stoppedText(one, asOfMs)] as const),
    [
      'Left out',
      status.skipped > 0 ? `${plural(status.skipped, 'cluster')}, until retry or another release` : '',
    ],
  ]);
  page.section('Mistakes in Git (the last good state stays in force)', mistakeLines(status.errors));
  page.section(
    'Waits for a person',
    status.held.map((held) => `  ${printable(reasonText(held))}`),
  );
  page.section(
    `Clusters (${status.targets})`,
    stateLines(status.counts, (state) => paint(state, toneOf(state))),
  );
  const rows = assignments.map((one) => ({ item: one, asOfMs }));
  page.table(more > 0 ? `Worst ${rows.length}` : 'On these clusters', assignmentColumns('placement'), rows);
  page.failures(status.failures);
  const recent: readonly RolloutItem[] = rollouts.slice(0, rolloutsMax);
  page.table(
    'Rollouts, newest first',
    columnsOf('rollouts', false),
    recent.map((one) => ({ item: one, asOfMs })),
  );
  page.next(nextFor(described));
  return page.lines;
}

const rolloutsMax = 5;

/** `1c76476f0e4b "checkout v2.4.1" by Ada Lovelace, 1h ago`. */
export function releaseText(release: ReleaseSummary | undefined, asOfMs: number): string {
  if (release === undefined) return '';
  const { commit } = release;
  const signature = signatureText(commit);
  const age = ageOf(commit.committedAtS * 1_000, asOfMs);
  return `${commitText(commit)}, ${age} ago${signature === '' ? '' : `, ${signature}`}`;
}

function isSame(left: ReleaseSummary | undefined, right: ReleaseSummary | undefined): boolean {
  return left?.digest === right?.digest;
}

function rolloutText(rollout: PlacementItem['status']['rollout']): string {
  if (rollout === undefined) return '';
  const stage = rollout.stage === '' ? '' : `, stage ${rollout.stage}`;
  return `${rollout.id} ${rollout.state}${stage}, ${rollout.wavesPassed} of ${rollout.waves} waves passed`;
}

function nextFor({ item, assignments }: Described<PlacementItem>): string {
  const { name } = item.metadata;
  const [worst] = assignments;
  if (item.status.rollout !== undefined) return `flotilla rollout status ${name}`;
  if (worst !== undefined && worst.status.state !== 'Ready') {
    return `flotilla describe assignment ${worst.metadata.name}`;
  }
  if (item.status.stopped.length > 0 || item.status.skipped > 0) return `flotilla rollout retry ${name}`;
  if (item.status.targets === 0) return 'flotilla get clusters -o wide';
  return `flotilla get assignments --field placement=${name}`;
}
