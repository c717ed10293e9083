import { type Json, stableJson } from '@flotilla/shared/base';
import type { YamlPath } from '../yaml.ts';
import type { Reading } from './reading.ts';

/** A YAML value as JSON text with sorted keys; complains of what JSON cannot hold (infinite or not a number, binary). */
export function toJsonText(value: unknown, path: YamlPath, reading: Reading): string {
  if (!isJson(value)) {
    reading.complain('BAD_VALUE', path, 'holds a value that JSON cannot hold, such as .inf or binary data');
    return 'null';
  }
  return stableJson(value);
}

/** Whether a value is JSON through and through. */
export function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson);
}
