import type { KubeObject, ObjectRef } from '@flotilla/shared/model';
import { apiVersionOf, fingerprintOf } from '@flotilla/shared/model';
import { fieldAt, textAt } from '../health/fields.ts';
import type { ObjectStatus } from './status-object.ts';

/** Where Events about objects without a namespace have to be (validation of core/v1 Event). */
export const eventNamespace = 'default';
const component = 'flotilla-agent';
/** As the newer API bounds a note (events.k8s.io/v1). */
const messageMax = 1_024;

/** What an Event says and what it is about. */
export interface EventInput {
  readonly status: ObjectStatus;
  /** The assignment's object. */
  readonly about: { readonly ref: ObjectRef; readonly uid: string };
  /** RFC 3339. */
  readonly wallTime: string;
}

/**
 * Whether a status is worth an Event beside the one before: another state, reason or commit. Progress without a reason of its
 * own is not: what it comes to is.
 */
export function isWorthEvent(before: ObjectStatus | undefined, status: ObjectStatus): boolean {
  const isQuiet = ['Progressing', 'Removing'].includes(status.state) && status.reason === status.state;
  if (isQuiet || (status.state === 'Removing' && status.reason === '')) return false;
  return (
    before === undefined ||
    before.state !== status.state ||
    before.reason !== status.reason ||
    before.commit !== status.commit
  );
}

/** The Event's place: one for each object, state and reason, so that what comes again is counted and not added. */
export function eventRefOf({ status, about }: EventInput): ObjectRef {
  const { state, reason } = status;
  const name = `${about.ref.name}.${fingerprintOf(`${state}/${reason}`, about.uid, about.ref.kind)}`;
  return { group: '', version: 'v1', kind: 'Event', namespace: eventNamespace, name };
}

/** The Event as it is to be; `existing` is what stands at its place, and counts on. */
export function eventOf(input: EventInput, existing: KubeObject | undefined): KubeObject {
  const { status, about, wallTime } = input;
  const { name = '', namespace } = eventRefOf(input);
  const count = fieldAt(existing, 'count');
  const commit = status.commit === '' ? '' : ` at commit ${status.commit}`;
  const message = status.message === '' ? `${status.objects} objects healthy${commit}` : status.message;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: namespace ?? eventNamespace },
    involvedObject: {
      apiVersion: apiVersionOf(about.ref),
      kind: about.ref.kind,
      name: about.ref.name,
      uid: about.uid,
    },
    type: ['Degraded', 'Stalled'].includes(status.state) ? 'Warning' : 'Normal',
    reason: status.reason === '' ? status.state : status.reason,
    message: message.slice(0, messageMax),
    firstTimestamp: textAt(existing, ['firstTimestamp'], wallTime),
    lastTimestamp: wallTime,
    count: typeof count === 'number' ? count + 1 : 1,
    source: { component },
    reportingComponent: component,
    reportingInstance: component,
  };
}
