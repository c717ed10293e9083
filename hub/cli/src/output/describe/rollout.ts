import { formatDurationMs } from '@flotilla/shared/base';
import type { Described, RolloutItem, WaveItem } from '@flotilla/shared/model';
import { ageOf } from '../age.ts';
import type { Painter } from '../colour.ts';
import { reasonText, stateCell } from '../columns.ts';
import { printable } from '../printable.ts';
import type { Cell } from '../table.ts';
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
  page.next(`flotilla describe placement ${spec.placement}`);
  return page.lines;
}

function stateOf({ status }: RolloutItem): Cell {
  const cell = stateCell(status.state);
  return status.isPaused ? { ...cell, text: `${cell.text} (paused)` } : cell;
}

function endedText({ status }: RolloutItem, asOfMs: number): string {
  if (status.endedAtMs === undefined) return '';
  return `${ageOf(status.endedAtMs, asOfMs)} ago, after ${formatDurationMs(status.endedAtMs - status.plannedAtMs)}`;
}

const barColumns = 20;

/** One line for each wave with a bar: `#` ready, `x` failed, `-` not yet. */
function waveLines(waves: readonly WaveItem[], paint: Painter): readonly string[] {
  const width = Math.max(0, ...waves.map(({ stage }) => stage.length));
  return waves.map((wave, index) => {
    const { stage, clusters, ready, failed, deferred, soakMs } = wave;
    const parts = [
      `${ready}/${clusters}`,
      failed > 0 ? paint(`${failed} failed`, 'bad') : '',
      deferred > 0 ? `${deferred} deferred` : '',
      soakMs > 0 ? paint(`soak ${formatDurationMs(soakMs)}`, 'quiet') : '',
    ].filter((part) => part !== '');
    const label = `${String(index + 1).padStart(3)} ${printable(stage).padEnd(width)}`;
    return `  ${label}  [${barOf(wave)}]  ${parts.join('  ')}`;
  });
}

function barOf({ clusters, ready, failed }: WaveItem): string {
  if (clusters === 0) return '-'.repeat(barColumns);
  const good = Math.floor((ready / clusters) * barColumns);
  // A single failure among thousands must be seen.
  const bad = failed === 0 ? 0 : Math.max(1, Math.floor((failed / clusters) * barColumns));
  return `${'#'.repeat(good)}${'x'.repeat(bad)}`.slice(0, barColumns).padEnd(barColumns, '-');
}
