import { limits } from '@flotilla/shared/base';
import type { StreamSettings } from '@flotilla/shared/kit/jetstream';

/** Name of the stream of decisions. */
export const decisionStreamName = 'FLOTILLA_DECISIONS';

/** What never loses a message: nothing is deleted, purged, rolled up or aged, and reads come from the leader. */
const forEver = {
  messagesPerSubjectMax: -1,
  messageBytesMax: -1,
  bytesMax: -1,
  ageMaxMs: 0,
  whenFull: 'refuse-new',
  allowRollup: false,
  allowDirect: false,
  acknowledges: true,
  denyDelete: true,
  denyPurge: true,
} as const;

/** The stream of decisions; atomic batches carry what touches two subjects. */
export function decisionStream(replicas: number): StreamSettings {
  return {
    ...forEver,
    name: decisionStreamName,
    subjects: ['flotilla.decisions.>'],
    allowAtomic: true,
    replicas,
  };
}

/** Name of the stream of payloads that are too large for one message of the log. */
export const payloadStreamName = 'FLOTILLA_PAYLOADS';

/** The stream of large payloads, one message for each part, named by content; it lasts as long as the log does. */
export function payloadStream(replicas: number): StreamSettings {
  return {
    ...forEver,
    name: payloadStreamName,
    subjects: ['flotilla.payloads.>'],
    allowAtomic: false,
    replicas,
  };
}

/** The stream of audit records. */
export function auditStream(replicas: number): StreamSettings {
  return {
    ...forEver,
    name: 'FLOTILLA_AUDIT',
    subjects: ['flotilla.audit'],
    messageBytesMax: limits.busMessageBytesMax,
    allowAtomic: false,
    replicas,
  };
}
