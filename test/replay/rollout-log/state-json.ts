import type { RolloutState } from '@flotilla/hub/core';

/** A folded state as plain JSON: maps and sets become sorted lists, so that it can be recorded and compared. */
export function stateJson(state: RolloutState): unknown {
  const text = JSON.stringify(state, (_key, value: unknown) => {
    if (value instanceof Map) return [...value].sort(([left], [right]) => (left < right ? -1 : 1));
    return value instanceof Set ? [...value].sort() : value;
  });
  return JSON.parse(text);
}
