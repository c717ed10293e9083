import { formatDurationMs } from '@flotilla/shared/base';
import type { HubFacts } from '@flotilla/shared/model';

/** What is away around the hub, as sentences: an outage is shown as such, never as failures of clusters. */
export function outagesOf({ bus, control }: HubFacts, nowMs: number): readonly string[] {
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
    outages.push(`${control.failure.text} (${read})`);
  }
  return outages;
}
