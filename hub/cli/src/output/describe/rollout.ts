import { formatDurationMs } from '@flotilla/shared/base';
import type { Described, RolloutItem } from '@flotilla/shared/model';
import { ageOf } from '../age.ts';
import { actorText, reasonText, stateCell } from '../columns.ts';
import type { Cell } from '../table.ts';
import { waveLines } from '../wave-lines.ts';
import { causeText } from './assignment.ts';
import { assignmentColumns, Page, type PageOptions } from './page.ts';
import { releaseText } from './placement.ts';

/** The page of a rollout: how far each wave is, what failed, what it waits for. */
export function rolloutPage(described: Described<RolloutItem>, options: PageOptions): readonly string[] {
  const { item, assignments, more } = described;
  const { metadata, spec, status } = item;
  const { asOfMs, paint } = options;
  const { counts } = status;
  const page = new Page(options);
  page.details([
    ['Rollout', metadata.name],
    ['Kind', spec.kind],
    ['State', stateOf(item)],
    ['Reason', reasonText(status.reason)],
    ['Release', releaseText(spec.release, asOfMs)],
    ['Because of', causeText(spec.cause)],
    ['Strategy', spec.strategy],
    ['Planned', `${ageOf(status.plannedAtMs, asOfMs)} ago`],
    ['Ended', endedText(item, asOfMs)],
    [
      'Clusters',
      `${counts.targets}: ${counts.ready} ready, ${counts.issued} under way, ${counts.failed} failed, ${counts.deferred} deferred, ${counts.waiting} waiting`,
    ],
  ]);
  page.section('Waves', waveLines(spec.waves, paint));
  const rows = assignments
    .filter(({ status: { state } }) => state !== 'Ready')
    .map((one) => ({ item: one, asOfMs }));
  page.table(
    more > 0 ? `Worst ${rows.length} clusters` : 'Clusters that are not Ready',
    assignmentColumns('placement'),
    rows,
  );
  page.next(`flotilla rollout status ${spec.placement}`);
  return page.lines;
}

function stateOf({ status }: RolloutItem): Cell {
  const cell = stateCell(status.state);
  return status.isPaused ? { ...cell, text: `${cell.text} (paused)` } : cell;
}

function endedText({ status }: RolloutItem, asOfMs: number): string {
  if (status.endedAtMs === undefined) return '';
  const took = formatDurationMs(status.endedAtMs - status.plannedAtMs);
  return `${ageOf(status.endedAtMs, asOfMs)} ago by ${actorText(status.by)}, after ${took}`;
}
