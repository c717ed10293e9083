import { err, type Json, ok, type Result } from '../base/index.ts';

/**
 * Variables that a placement declares (`render.variables`) and that its own texts use as `${var.NAME}`: the values inside
 * patches and inside Helm values. Files of a source are never looked through: what they hold with a dollar is theirs.
 */

/** Two dollars keep what follows as text. */
const pattern = /(\$?)\$\{var\.([^{}]*)\}/g;

/** Names that a text uses, in order, as written; kept ones (`$${var.…}`) are not among them. */
export function declaredNamesIn(text: string): readonly string[] {
  return [...text.matchAll(pattern)].flatMap(([, mark, name = '']) => (mark === '$' ? [] : [name]));
}

/** Every text inside a JSON value with its variables replaced; keys stay. The error is the first name that is not declared. */
export function substituteDeclared(
  value: Json,
  variables: { readonly [name: string]: string },
): Result<Json, string> {
  return mapTexts(value, (text) => {
    const missing = declaredNamesIn(text).find((name) => !Object.hasOwn(variables, name));
    if (missing !== undefined) return err(missing);
    return ok(
      text.replace(pattern, (whole: string, mark: string, name: string) =>
        mark === '$' ? whole.slice(1) : (variables[name] ?? whole),
      ),
    );
  });
}

/** A JSON value with every text replaced, keys left out; the first error ends it. No text can break out of its place. */
export function mapTexts(
  value: Json,
  replace: (text: string) => Result<string, string>,
): Result<Json, string> {
  if (typeof value === 'string') return replace(value);
  if (typeof value !== 'object' || value === null) return ok(value);
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const item of value) {
      const replaced = mapTexts(item, replace);
      if (!replaced.ok) return replaced;
      items.push(replaced.value);
    }
    return ok(items);
  }
  const entries: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const replaced = mapTexts(item, replace);
    if (!replaced.ok) return replaced;
    entries.push([key, replaced.value]);
  }
  return ok(Object.fromEntries(entries));
}
