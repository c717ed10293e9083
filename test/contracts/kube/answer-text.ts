import type { Json } from '@flotilla/shared/base';

/** What is written down of a failed request: all of a KubeError but its stack. */
export function describeFailure(error: unknown): Json {
  // Adapters reject with KubeError; anything else shows up as missing fields.
  const { status, reason, code, retry, message, causes } = error as Record<string, unknown>;
  return toJson({ status, reason, code, retry, message, causes });
}

/** A value as JSON holds it; nothing is written as `(nothing)`. */
export function toJson(value: unknown): Json {
  return value === undefined ? '(nothing)' : JSON.parse(JSON.stringify(value));
}
