/** A value as JSON text holds it. Nothing in the core changes one in place: what is stored is shared. */
export type Value = null | boolean | number | string | readonly Value[] | ValueObject;

/** A JSON object. A key that is there with undefined does not occur. */
export interface ValueObject {
  readonly [key: string]: Value;
}

/** An object under construction. */
export type Draft = Record<string, Value>;

/** A copy that shares nothing with its source and holds only what JSON can say. */
export function fromJson(source: unknown): ValueObject {
  // What JSON.parse gives is a Value; callers hand in objects only.
  return JSON.parse(JSON.stringify(source)) as ValueObject;
}

/** True for a JSON object, not for null and lists. */
export function isObject(value: Value | undefined): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a JSON list. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** True for absent, null, an empty object and an empty list. */
export function isEmptyValue(value: Value | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (isList(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** Deep equality; the order of keys does not matter, that of lists does. */
export function isEqual(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (isList(left) && isList(right))
    return left.length === right.length && left.every((item, index) => isEqual(item, right[index]));
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => key in right && isEqual(left[key], right[key]));
}

/** The object below a path of keys; an empty one where there is none. */
export function objectAt(value: Value | undefined, ...path: readonly string[]): ValueObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

/** The list below a path of keys; an empty one where there is none. */
export function listAt(value: Value | undefined, ...path: readonly string[]): readonly Value[] {
  const found = valueAt(value, ...path);
  return isList(found) ? found : [];
}

/** The objects of the list below a path of keys. */
export function objectsAt(value: Value | undefined, ...path: readonly string[]): readonly ValueObject[] {
  return listAt(value, ...path).filter(isObject);
}

/** The text below a path of keys; '' where there is none. */
export function textAt(value: Value | undefined, ...path: readonly string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The number below a path of keys. */
export function numberAt(value: Value | undefined, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** What is below a path of keys. */
export function valueAt(value: Value | undefined, ...path: readonly string[]): Value | undefined {
  let current = value;
  for (const key of path) {
    if (!isObject(current)) return undefined;
    current = current[key];
  }
  return current;
}

/** The same object with one value below a path of keys replaced (undefined takes it away). */
export function withValue(
  source: ValueObject,
  path: readonly string[],
  value: Value | undefined,
): ValueObject {
  const [key, ...rest] = path;
  if (key === undefined) return source;
  if (rest.length > 0) return { ...source, [key]: withValue(objectAt(source, key), rest, value) };
  if (value !== undefined) return { ...source, [key]: value };
  const { [key]: _, ...others } = source;
  return others;
}

/** The same object with keys added where they are not there yet. */
export function withDefaults(source: ValueObject, defaults: ValueObject): ValueObject {
  const missing = Object.entries(defaults).filter(([key]) => source[key] === undefined);
  return missing.length === 0 ? source : { ...source, ...Object.fromEntries(missing) };
}
