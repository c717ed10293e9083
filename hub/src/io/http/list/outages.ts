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
    const since =
      control.readAtMs === undefined
        ? 'has not been read since the hub started'
        : `was last read ${formatDurationMs(nowMs - control.readAtMs)} ago`;
    outages.push(
      `the control repository ${since} (${control.failure.text}): what was in force stays in force`,
    );
  }
  return outages;
}
