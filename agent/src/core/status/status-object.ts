import { shortId } from '@flotilla/shared/base';
import type { AssignmentReport, KubeObject } from '@flotilla/shared/model';
import { fieldAt, isRecord, listAt, textAt } from '../health/fields.ts';

/** One condition of the assignment object, in the shape of metav1.Condition. */
export interface StatusCondition {
  readonly type: 'Ready' | 'Reconciling' | 'Stalled';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** The status of the assignment object: what kubectl shows and kstatus reads. */
export interface ObjectStatus {
  readonly observedGeneration?: number;
  readonly state: string;
  readonly reason: string;
  readonly message: string;
  readonly objects: string;
  readonly commit: string;
  readonly conditions: readonly StatusCondition[];
}

/** What the status of an assignment's object should say. `before` keeps the times of conditions that did not change. */
export function statusObjectOf(
  report: AssignmentReport,
  before: ObjectStatus | undefined,
  at: { readonly wallTime: string; readonly generation: number | undefined },
): ObjectStatus {
  const { state, reason, text } = report;
  const isMoving = state === 'Progressing' || state === 'Removing';
  const generation = at.generation === undefined ? {} : { observedGeneration: at.generation };
  const condition = (type: StatusCondition['type'], isTrue: boolean): StatusCondition => {
    const status = isTrue ? 'True' : 'False';
    const old = before?.conditions.find((one) => one.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : at.wallTime;
    return { type, status, reason: reason || state, message: text, lastTransitionTime, ...generation };
  };
  return {
    ...generation,
    state,
    reason,
    message: text,
    objects: `${report.counts.healthy}/${report.counts.total}`,
    commit: report.appliedCommit === undefined ? '' : shortId(report.appliedCommit),
    conditions: [
      condition('Ready', state === 'Ready'),
      condition('Reconciling', isMoving),
      condition('Stalled', state === 'Stalled'),
    ],
  };
}

/** What must differ for the status to be written: counts and messages of something under way are not worth a write. */
export function statusKey(status: ObjectStatus): string {
  const isMoving = status.state === 'Progressing' || status.state === 'Removing';
  const detail = isMoving ? '' : `${status.objects} ${status.message}`;
  return [status.state, status.reason, status.commit, status.observedGeneration ?? '', detail].join('|');
}

/** Reads the status of a live assignment object; undefined when it has none yet. */
export function readStatusObject(object: KubeObject): ObjectStatus | undefined {
  const status = object['status'];
  if (!isRecord(status) || typeof status['state'] !== 'string') return undefined;
  const generation = fieldAt(status, 'observedGeneration');
  return {
    ...(typeof generation === 'number' ? { observedGeneration: generation } : {}),
    state: status['state'],
    reason: textAt(status, ['reason']),
    message: textAt(status, ['message']),
    objects: textAt(status, ['objects']),
    commit: textAt(status, ['commit']),
    conditions: listAt(status, 'conditions').flatMap(readCondition),
  };
}

function readCondition(value: unknown): readonly StatusCondition[] {
  const types = ['Ready', 'Reconciling', 'Stalled'] as const;
  const type = types.find((one) => one === textAt(value, ['type']));
  if (type === undefined) return [];
  return [
    {
      type,
      status: textAt(value, ['status']) === 'True' ? 'True' : 'False',
      reason: textAt(value, ['reason']),
      message: textAt(value, ['message']),
      lastTransitionTime: textAt(value, ['lastTransitionTime']),
    },
  ];
}
