import type { ClusterUid } from '../base/index.ts';

/**
 * Where a cluster's agent publishes its report; the only sender that the bus lets through is that agent. The stream
 * behind it does not acknowledge (shared/adr/0005): publish without a reply subject, then flush.
 */
export function statusSubject(uid: ClusterUid): string {
  return `flotilla.status.${uid}`;
}

/** Where a cluster's agent publishes events; without a reply subject, as reports. */
export function eventsSubject(uid: ClusterUid): string {
  return `flotilla.events.${uid}`;
}

/**
 * Prefix of the inboxes that a cluster's agent may subscribe: its client must be told to use it, because the default
 * prefix is refused. Inboxes are `<prefix>.<anything>`.
 */
export function inboxPrefix(uid: ClusterUid): string {
  return `_INBOX_${uid}`;
}
