import type { z } from './zod.ts';

/** Names of the fields that a schema knows at a path of a document; empty where any name is allowed. */
export function knownFields(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let current: z.core.$ZodType | undefined = unwrap(schema);
  for (const step of path) {
    current = current === undefined ? undefined : childOf(current, step);
    if (current === undefined) return [];
  }
  const shape = current === undefined ? undefined : shapeOf(current);
  return shape === undefined ? [] : Object.keys(shape);
}

/** Every path of a schema that ends in a field of this name, as `spec.source.path`; sorted, nearest the root first. */
export function pathsEndingIn(schema: z.core.$ZodType, field: string): readonly string[] {
  const found: string[] = [];
  collect(unwrap(schema), '', (path, name) => {
    if (name === field) found.push(path);
  });
  return found.sort((left, right) => left.length - right.length || (left < right ? -1 : 1));
}

/** Schemas nest at most this deep; selectors do not nest in selectors. */
const depthMax = 8;

function collect(schema: z.core.$ZodType, prefix: string, visit: (path: string, name: string) => void): void {
  const shape = shapeOf(schema);
  if (shape === undefined || prefix.split('.').length > depthMax) return;
  for (const [name, field] of Object.entries(shape)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    visit(path, name);
    const inner = unwrap(field);
    const element = arrayElement(inner);
    if (element === undefined) collect(inner, path, visit);
    else collect(unwrap(element), `${path}[]`, visit);
  }
}

function childOf(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  const child = arrayElement(schema) ?? shapeOf(schema)?.[String(step)];
  return child === undefined ? undefined : unwrap(child);
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  // The library's own way to tell schemas apart; its definitions are typed loosely.
  const definition = (schema as z.core.$ZodTypes)._zod.def;
  if (definition.type === 'optional' || definition.type === 'default') return unwrap(definition.innerType);
  if (definition.type === 'pipe') return unwrap(definition.in);
  return schema;
}

function shapeOf(schema: z.core.$ZodType): { readonly [name: string]: z.core.$ZodType } | undefined {
  // As above.
  const definition = (schema as z.core.$ZodTypes)._zod.def;
  return definition.type === 'object' ? definition.shape : undefined;
}

function arrayElement(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  // As above.
  const definition = (schema as z.core.$ZodTypes)._zod.def;
  return definition.type === 'array' ? definition.element : undefined;
}
