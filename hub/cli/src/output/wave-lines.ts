import { formatDurationMs } from '@flotilla/shared/base';
import type { WaveItem } from '@flotilla/shared/model';
import type { Painter } from './colour.ts';
import { grouped } from './count-lines.ts';
import { printable } from './printable.ts';

const barColumns = 20;

/** One line for each wave with a bar: `#` ready, `x` failed, `-` not yet; then counts, and what it waits for. */
export function waveLines(waves: readonly WaveItem[], paint: Painter): readonly string[] {
  const width = Math.max(0, ...waves.map(({ stage }) => stage.length));
  return waves.map((wave, index) => {
    const { stage, clusters, ready, failed, deferred } = wave;
    const moving = wave.state === 'open' ? clusters - ready - failed - deferred : 0;
    const parts = [
      `${grouped(ready)}/${grouped(clusters)}`,
      failed > 0 ? paint(`${grouped(failed)} failed`, 'bad') : '',
      moving > 0 ? `${grouped(moving)} progressing` : '',
      deferred > 0 ? `${grouped(deferred)} deferred` : '',
      wave.state === 'waiting' && index > 0 ? paint(`waits for wave ${index}`, 'quiet') : '',
      paint(soakText(wave), 'quiet'),
    ].filter((part) => part !== '');
    const label = `${String(index + 1).padStart(3)} ${printable(stage).padEnd(width)}`;
    return `  ${label}  [${barOf(wave)}]  ${parts.join('  ')}`;
  });
}

function soakText({ soakMs, state }: WaveItem): string {
  if (soakMs === 0) return '';
  return `${state === 'passed' ? 'soaked' : 'soak'} ${formatDurationMs(soakMs)}`;
}

function barOf({ clusters, ready, failed }: WaveItem): string {
  if (clusters === 0) return '-'.repeat(barColumns);
  const good = Math.floor((ready / clusters) * barColumns);
  // A single failure among thousands must be seen.
  const bad = failed === 0 ? 0 : Math.max(1, Math.floor((failed / clusters) * barColumns));
  return `${'#'.repeat(good)}${'x'.repeat(bad)}`.slice(0, barColumns).padEnd(barColumns, '-');
}
