/** What can be said of one object, in kstatus' words (pkg/kstatus/status of kubernetes-sigs/cli-utils). */
export type HealthStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown';

/** The status of one object and why. */
export interface Verdict {
  readonly status: HealthStatus;
  /** UpperCamelCase; '' when Current. */
  readonly reason: string;
  readonly message: string;
  /** The verdict may change by time alone after so many milliseconds; undefined = only by an event. */
  readonly recheckAfterMs?: number;
}

/** The object is as its manifest asks. */
export function current(message: string): Verdict {
  return { status: 'Current', reason: '', message };
}

/** The object is on its way. */
export function inProgress(reason: string, message: string): Verdict {
  return { status: 'InProgress', reason, message };
}

/** The object will not get there by itself. */
export function failed(reason: string, message: string): Verdict {
  return { status: 'Failed', reason, message };
}

/** Nothing can be concluded: never healthy. */
export function unknown(reason: string, message: string): Verdict {
  return { status: 'Unknown', reason, message };
}
