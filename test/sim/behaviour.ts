import { sha256Hex } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import type { Chance } from './chance.ts';
import type { Workload } from './workload.ts';

/** Something that becomes of a row by itself. */
export interface Becoming {
  readonly afterMs: number;
  readonly change: Partial<Workload>;
}

/** What becomes of a row on a cluster: the same content fails on the same clusters in every world. */
export function behaviourOf(
  row: Row,
  content: string | undefined,
  cluster: string,
  chance: Chance,
): readonly Becoming[] {
  if (row.kind === 'removal') return [{ afterMs: chance.duration(100, 3_000), change: { state: 'Removed' } }];
  if (!isWellOn(content, cluster)) {
    const { deadlineMs } = row.variant.health;
    const atDeadline = { afterMs: deadlineMs, change: { state: 'Degraded', deadlinePassed: true } } as const;
    const atOnce = { afterMs: chance.duration(300, 5_000), change: { state: 'Degraded' } } as const;
    return [chance.is(0.5) ? atDeadline : atOnce];
  }
  if (content?.startsWith('uneven')) {
    const isSlow = sha256Hex(`${content} ${cluster}`) > '8';
    return [
      { afterMs: isSlow ? chance.whole(18_000, 19_000) : chance.whole(100, 500), change: { state: 'Ready' } },
    ];
  }
  const afterMs = content?.startsWith('slow') ? chance.whole(10_000, 16_000) : chance.duration(100, 4_000);
  return [{ afterMs, change: { state: 'Ready' } }];
}

/** Whether a content can become Ready on a cluster. */
export function isWellOn(content: string | undefined, cluster: string): boolean {
  if (content === undefined || content.startsWith('bad')) return false;
  return !content.startsWith('frail') || sha256Hex(`${content} ${cluster}`) > '4';
}
