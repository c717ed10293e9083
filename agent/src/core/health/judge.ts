import { limits } from '@flotilla/shared/base';
import type { KubeObject, ObjectRef } from '@flotilla/shared/model';
import { awaitFirstStatus, ruleFor } from './gap-rules.ts';
import { type CompiledRule, judgeByRules, rulesAbout, rulesFor } from './health-rules.ts';
import { judgeWith } from './kstatus.ts';
import { judgePodTroubles, type PodTrouble } from './pod-troubles.ts';
import { type HealthStatus, unknown, type Verdict } from './verdict.ts';

/** What is known of one object that an assignment wants. */
export type Sight =
  | {
      readonly kind: 'present';
      /** At least what stripForHealth keeps. */
      readonly object: KubeObject;
      /** It is there with every field, as rules of a placement need it. */
      readonly isWhole: boolean;
      /** Monotonic time at which this object (its uid) was first seen. */
      readonly seenAtMs: number;
      /** Discovery says that the kind has a status subresource. */
      readonly hasStatus: boolean;
      /** Of a workload's pods; [] for everything else. */
      readonly troubles: readonly PodTrouble[];
    }
  /** Read and not there. */
  | { readonly kind: 'missing' }
  /** Not read, or it could not be. */
  | { readonly kind: 'unreadable'; readonly text: string };

/** One object to judge. */
export interface ObservedObject {
  readonly ref: ObjectRef;
  readonly sight: Sight;
}

/** The judgement of a set of objects. */
export interface Health {
  /** kstatus' aggregate; the empty set is Current. Terminating and missing objects count as InProgress. */
  readonly status: 'Current' | 'InProgress' | 'Failed' | 'Unknown';
  readonly verdicts: readonly { readonly ref: ObjectRef; readonly verdict: Verdict }[];
  readonly healthy: number;
  /** True once `deadlineMs` passed since `startedMs` without Current. */
  readonly deadlinePassed: boolean;
  /** Monotonic time at which to judge again although nothing happened; undefined = never. */
  readonly wakeAtMs: number | undefined;
}

/** Judges one object that is there. `ageMs` counts from its first sighting. */
export function judgeObject(object: KubeObject, hasStatus: boolean, ageMs: number): Verdict {
  const verdict = judgeWith(ruleFor(object), object, ageMs);
  if (verdict.status !== 'Current') return verdict;
  return awaitFirstStatus(object, hasStatus, ageMs) ?? verdict;
}

/** Judges a set of objects, those that a rule of the placement matches by it; times are monotonic milliseconds. */
export function judge(
  objects: readonly ObservedObject[],
  policy: { readonly deadlineMs: number; readonly rules: readonly CompiledRule[] },
  times: { readonly startedMs: number; readonly nowMs: number },
): Health {
  const verdicts = objects.map((one) => ({
    ref: one.ref,
    verdict: judgeSight(one, policy.rules, times.nowMs),
  }));
  const status = aggregate(verdicts.map((one) => one.verdict.status));
  const deadlineAtMs = times.startedMs + policy.deadlineMs;
  const isLate = status !== 'Current' && times.nowMs >= deadlineAtMs;
  const wakes = verdicts.flatMap(({ verdict }) =>
    verdict.recheckAfterMs === undefined ? [] : [times.nowMs + verdict.recheckAfterMs],
  );
  if (status !== 'Current' && !isLate) wakes.push(deadlineAtMs);
  return {
    status,
    verdicts,
    healthy: verdicts.filter((one) => one.verdict.status === 'Current').length,
    deadlinePassed: isLate,
    wakeAtMs: wakes.length === 0 ? undefined : Math.min(...wakes),
  };
}

function judgeSight({ ref, sight }: ObservedObject, rules: readonly CompiledRule[], nowMs: number): Verdict {
  switch (sight.kind) {
    case 'missing':
      return { status: 'NotFound', reason: 'NotFound', message: 'does not exist' };
    case 'unreadable':
      return unknown('Unreadable', sight.text.slice(0, limits.reasonTextMax));
    case 'present': {
      const verdict = judgePresent(sight, rulesAbout(rules, ref), { ref, ageMs: nowMs - sight.seenAtMs });
      if (verdict.status !== 'InProgress') return verdict;
      return judgePodTroubles(sight.troubles, nowMs) ?? verdict;
    }
  }
}

function judgePresent(
  sight: Extract<Sight, { kind: 'present' }>,
  rules: readonly CompiledRule[],
  { ref, ageMs }: { readonly ref: ObjectRef; readonly ageMs: number },
): Verdict {
  const { object, isWhole, hasStatus } = sight;
  if (rules.length > 0 && !isWhole)
    return unknown('NotReadYet', 'a rule needs fields of it that were not read yet');
  const own = rulesFor(rules, ref, object.metadata.labels);
  return own.length > 0 ? judgeByRules(object, own) : judgeObject(object, hasStatus, ageMs);
}

function aggregate(all: readonly HealthStatus[]): Health['status'] {
  if (all.includes('Failed')) return 'Failed';
  if (all.includes('Unknown')) return 'Unknown';
  return all.every((one) => one === 'Current') ? 'Current' : 'InProgress';
}
