import type { ValueObject } from '../values.ts';
import { objectsAt, textAt } from '../values.ts';

/** A condition without its times. */
export interface ConditionState {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** The condition of a type in an object's status. */
export function conditionOf(object: ValueObject, type: string): ValueObject | undefined {
  return objectsAt(object, 'status', 'conditions').find((condition) => condition['type'] === type);
}

/**
 * Sets a condition as Deployments do: nothing when status and reason are the same; otherwise it moves to the end, and
 * keeps its transition time when its status is the same.
 */
export function setCondition(
  conditions: readonly ValueObject[],
  next: ConditionState,
  nowText: string,
): readonly ValueObject[] {
  const current = conditions.find((condition) => condition['type'] === next.type);
  if (current?.['status'] === next.status && current['reason'] === next.reason) return conditions;
  const lastTransitionTime =
    current?.['status'] === next.status ? textAt(current, 'lastTransitionTime') : nowText;
  return [
    ...conditions.filter((condition) => condition !== current),
    {
      type: next.type,
      status: next.status,
      lastUpdateTime: nowText,
      lastTransitionTime,
      reason: next.reason,
      message: next.message,
    },
  ];
}
