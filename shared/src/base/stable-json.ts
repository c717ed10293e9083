/** A value that JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/**
 * JSON with object keys in code-unit order and no white space: equal values give equal text, so hashes of it compare
 * (RFC 8785 without its number formatting, which JavaScript already has). Keys whose value is undefined are left out.
 */
export function stableJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (isList(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${stableJson(item)}`;
    return `[${text}]`;
  }
  // Without a function to compare by, names are in code-unit order.
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${stableJson(item)}`;
  }
  return `{${text}}`;
}

function isList(value: Exclude<Json, string | number | boolean | null>): value is readonly Json[] {
  return Array.isArray(value);
}
