import type { KubeObject } from '@flotilla/shared/model';
import { refOf } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { judge, judgeObject, type ObservedObject, type Sight } from './judge.ts';
import { findPodTroubles, pullGraceMs } from './pod-troubles.ts';

function object(apiVersion: string, kind: string, rest: object = {}): KubeObject {
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'shop' }, ...rest };
}

function seen(one: KubeObject, more: Partial<Extract<Sight, { kind: 'present' }>> = {}): ObservedObject {
  return {
    ref: refOf(one),
    sight: {
      kind: 'present',
      object: one,
      isWhole: false,
      seenAtMs: 0,
      hasStatus: true,
      troubles: [],
      ...more,
    },
  };
}

const configMap = seen(object('v1', 'ConfigMap'));
const waiting = object('apps/v1', 'Deployment', { spec: { replicas: 1 }, status: {} });
const missing: ObservedObject = { ref: refOf(object('v1', 'Secret')), sight: { kind: 'missing' } };
const unreadable: ObservedObject = {
  ref: refOf(object('v1', 'Secret')),
  sight: { kind: 'unreadable', text: 'forbidden' },
};
const failedJob = seen(
  object('batch/v1', 'Job', { status: { conditions: [{ type: 'Failed', status: 'True' }] } }),
);

function judged(objects: readonly ObservedObject[], nowMs = 0) {
  return judge(objects, { deadlineMs: 60_000, rules: [] }, { startedMs: 0, nowMs });
}

describe('judge', () => {
  it('calls the empty set Current', () => {
    expect(judged([])).toMatchObject({ status: 'Current', healthy: 0, wakeAtMs: undefined });
  });

  it('lets Failed beat Unknown and Unknown beat InProgress', () => {
    expect(judged([configMap, failedJob, unreadable, missing]).status).toBe('Failed');
    expect(judged([configMap, unreadable, missing]).status).toBe('Unknown');
    expect(judged([configMap, missing]).status).toBe('InProgress');
  });

  it('asks to be woken at the deadline and says when it passed', () => {
    expect(judged([missing], 10).wakeAtMs).toBe(60_000);
    expect(judged([missing], 60_000)).toMatchObject({ deadlinePassed: true, wakeAtMs: undefined });
    expect(judged([configMap], 60_000).deadlinePassed).toBe(false);
  });

  it('takes a workload whose image cannot be pulled as failed after the grace period, with the pod’s message', () => {
    const pod = object('v1', 'Pod', {
      status: {
        containerStatuses: [
          { name: 'app', state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } },
        ],
      },
    });
    const troubles = findPodTroubles([pod], [], 1_000);

    const early = judged([seen(waiting, { troubles })], 1_000);
    expect(early.verdicts[0]?.verdict).toMatchObject({ status: 'InProgress', reason: 'ImagePullBackOff' });
    expect(early.wakeAtMs).toBe(1_000 + pullGraceMs);

    const late = judged([seen(waiting, { troubles })], 1_000 + pullGraceMs);
    expect(late.verdicts[0]?.verdict).toMatchObject({ status: 'Failed', message: 'x/app: no such image' });
  });

  it('ignores pod troubles of a workload that is well', () => {
    const done = object('apps/v1', 'Deployment', {
      spec: { replicas: 0, progressDeadlineSeconds: 2147483647 },
      status: { conditions: [{ type: 'Available', status: 'True' }] },
    });
    const troubles = [{ subject: 'p/c', reason: 'CrashLoopBackOff', message: '', sinceMs: 0 }];
    expect(judged([seen(done, { troubles })], 1_000_000).status).toBe('Current');
  });
});

describe('rules of our own', () => {
  const verdictOf = (one: KubeObject, ageMs = 0) => judgeObject(one, true, ageMs);

  it('awaits the first status of a custom resource for 15 s, but never for built-in kinds', () => {
    const widget = object('example.org/v1', 'Widget');
    expect(verdictOf(widget, 14_999)).toMatchObject({ reason: 'NoStatusYet', recheckAfterMs: 1 });
    expect(verdictOf(widget, 15_000).status).toBe('Current');
    expect(judgeObject(widget, false, 0).status).toBe('Current');
    expect(verdictOf({ ...widget, status: { phase: 'Any' } }).status).toBe('Current');
    expect(verdictOf(object('networking.k8s.io/v1', 'Ingress')).status).toBe('Current');
  });

  it('takes a running Job as in progress and a failed managed Pod as failed', () => {
    expect(verdictOf(object('batch/v1', 'Job', { status: { startTime: 'x' } })).reason).toBe('JobRunning');
    expect(verdictOf(object('batch/v1', 'Job', { spec: { suspend: true } })).status).toBe('Current');
    expect(verdictOf(object('v1', 'Pod', { status: { phase: 'Failed' } })).status).toBe('Failed');
  });

  it('waits for namespaces, API services and gateways', () => {
    expect(verdictOf(object('v1', 'Namespace')).reason).toBe('NamespaceNotActive');
    expect(verdictOf(object('v1', 'Namespace', { status: { phase: 'Active' } })).status).toBe('Current');
    const api = (status: string) =>
      object('apiregistration.k8s.io/v1', 'APIService', {
        status: { conditions: [{ type: 'Available', status, reason: 'MissingEndpoints' }] },
      });
    expect(verdictOf(api('False'))).toMatchObject({ status: 'InProgress', reason: 'MissingEndpoints' });
    expect(verdictOf(api('True')).status).toBe('Current');
    const gateway = (conditions: readonly object[]) =>
      object('gateway.networking.k8s.io/v1', 'Gateway', { status: { conditions } });
    expect(verdictOf(gateway([{ type: 'Accepted', status: 'False', reason: 'Invalid' }])).reason).toBe(
      'Invalid',
    );
    expect(verdictOf(gateway([{ type: 'Programmed', status: 'True' }])).status).toBe('Current');
  });
});

describe('findPodTroubles', () => {
  const crashed = (restartCount: number, ready: boolean) =>
    object('v1', 'Pod', {
      status: {
        initContainerStatuses: [
          {
            name: 'migrate',
            ready,
            restartCount,
            state: { running: {} },
            lastState: { terminated: { exitCode: 2, reason: 'Error' } },
          },
        ],
      },
    });

  it('sees a container that keeps crashing also while it runs between two crashes', () => {
    expect(findPodTroubles([crashed(3, false)], [], 5)).toEqual([
      {
        subject: 'x/migrate',
        reason: 'CrashLoopBackOff',
        message: 'last ended with exit code 2 (Error)',
        sinceMs: 5,
      },
    ]);
    expect(findPodTroubles([crashed(2, false)], [], 5)).toEqual([]);
    expect(findPodTroubles([crashed(3, true)], [], 5)).toEqual([]);
  });

  it('keeps the time of the first sighting and forgets what is gone', () => {
    const first = findPodTroubles([crashed(3, false)], [], 5);
    expect(findPodTroubles([crashed(4, false)], first, 50)[0]?.sinceMs).toBe(5);
    expect(findPodTroubles([], first, 50)).toEqual([]);
  });

  it('leaves out pods that are being deleted', () => {
    const going = crashed(9, false);
    const deleted = { ...going, metadata: { ...going.metadata, deletionTimestamp: 'x' } };
    expect(findPodTroubles([deleted], [], 0)).toEqual([]);
  });
});
