import { limits } from '@flotilla/shared/base';
import type { StreamSettings } from '@flotilla/shared/kit/jetstream';

/** Name of the stream of reports. */
export const statusStreamName = 'FLOTILLA_STATUS';

/** History for timelines: a week, 64 MiB, 1,000 events of one cluster. */
const eventsAgeMs = 604_800_000;
const eventsBytesMax = 67_108_864;
const eventsPerClusterMax = 1_000;

/** Agents write here: no header of theirs may remove anything, and one subject is one cluster. */
const writtenByAgents = {
  messageBytesMax: limits.agentMessageBytesMax,
  whenFull: 'discard-old',
  allowRollup: false,
  allowAtomic: false,
  allowDirect: false,
  acknowledges: false,
  denyDelete: true,
  denyPurge: false,
} as const;

/** The stream of reports: the last one of each cluster. */
export function statusStream(replicas: number): StreamSettings {
  return {
    ...writtenByAgents,
    name: statusStreamName,
    subjects: ['flotilla.status.*'],
    messagesPerSubjectMax: 1,
    bytesMax: -1,
    ageMaxMs: 0,
    replicas,
  };
}

/** The stream of events: bounded history, loss allowed. */
export function eventsStream(replicas: number): StreamSettings {
  return {
    ...writtenByAgents,
    name: 'FLOTILLA_EVENTS',
    subjects: ['flotilla.events.*'],
    messagesPerSubjectMax: eventsPerClusterMax,
    bytesMax: eventsBytesMax,
    ageMaxMs: eventsAgeMs,
    replicas,
  };
}
