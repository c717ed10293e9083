import type { Clock } from '@flotilla/shared/base';

/**
 * Since when this hub process has been unbrokenly healthy: bus connected, log and reports flowing. An outage of hub or
 * bus must never turn into failures of clusters, so silence counts only against a clock that starts anew after each.
 */
export interface HubHealth {
  /** Wall clock milliseconds; undefined while it is not. */
  sinceMs(): number | undefined;
  /** Conditions are set by whoever sees them. */
  set(condition: HealthCondition, isOk: boolean): void;
  readonly conditions: Readonly<Record<HealthCondition, boolean>>;
}

/** What must hold for the hub to be healthy. */
export type HealthCondition = 'bus' | 'log' | 'status' | 'presence';

/** Starts unhealthy in every condition but presence, which only ever turns bad by the hub-impaired rule. */
export function createHubHealth(clock: Clock): HubHealth {
  const conditions: Record<HealthCondition, boolean> = {
    bus: false,
    log: false,
    status: false,
    presence: true,
  };
  let sinceMs: number | undefined;
  return {
    conditions,
    sinceMs: () => sinceMs,
    set(condition, isOk) {
      conditions[condition] = isOk;
      const isHealthy = Object.values(conditions).every(Boolean);
      if (!isHealthy) sinceMs = undefined;
      else sinceMs ??= clock.wallMs();
    },
  };
}
