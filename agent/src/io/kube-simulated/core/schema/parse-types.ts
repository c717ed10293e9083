import { assert } from '@flotilla/shared/base';
import type { ListKey, ScalarName, SchemaType, StructField, StructType } from './types.ts';
import { untyped } from './types.ts';

/**
 * Reads the compact notation of builtin-types.ts. Types are separated by `;` or line ends: `Name field:type field:type`, `#Name` is atomic.
 * Types: s text, i integer, n number, b boolean, q quantity, v number or text, t time, * anything, Name a structure,
 * #Name the same as one atomic value, {T} a map, {#T} an atomic map, [T] an atomic list, [=T] a set,
 * [key,key~standard>T] a list that is a map. After a field's type: ? = left out when empty, ^ = always written.
 */
export function parseTypes(text: string): ReadonlyMap<string, StructType> {
  const structs = new Map<string, MutableStruct>();
  const lines = text.split(/;\s|\n/).filter((line) => line !== '');
  for (const line of lines) {
    const [head = ''] = line.split(' ', 1);
    const name = head.replace('#', '');
    structs.set(name, {
      kind: 'struct',
      name,
      isAtomic: head.startsWith('#'),
      isOpen: false,
      fields: new Map(),
    });
  }
  for (const line of lines) {
    const [head = '', ...fields] = line.split(' ').filter((part) => part !== '');
    const struct = structs.get(head.replace('#', ''));
    assert(struct !== undefined, 'every line made its structure');
    for (const field of fields) {
      const colon = field.indexOf(':');
      struct.fields.set(field.slice(0, colon), parseField(field.slice(colon + 1), structs));
    }
  }
  return structs;
}

interface MutableStruct extends StructType {
  readonly fields: Map<string, StructField>;
}

type Structs = ReadonlyMap<string, StructType>;

const scalars: Readonly<Record<string, ScalarName>> = {
  s: 'string',
  i: 'integer',
  n: 'number',
  b: 'boolean',
  q: 'quantity',
  v: 'any',
  t: 'time',
};

const presences: Readonly<Record<string, StructField['presence']>> = { '?': 'drop-empty', '^': 'always' };

function parseField(text: string, structs: Structs): StructField {
  const presence = presences[text.at(-1) ?? ''];
  if (presence === undefined) return { type: parseType(text, structs), presence: 'as-given' };
  return { type: parseType(text.slice(0, -1), structs), presence };
}

function parseType(text: string, structs: Structs): SchemaType {
  const scalar = scalars[text];
  if (scalar !== undefined) return { kind: 'scalar', scalar };
  if (text === '*') return untyped;
  if (text.startsWith('{')) return parseMap(text.slice(1, -1), structs);
  if (text.startsWith('[')) return parseList(text.slice(1, -1), structs);
  const struct = structs.get(text.replace('#', ''));
  assert(struct !== undefined, `the type ${text} has a line`);
  // The fields map is shared, so that a structure that is not read yet is complete later.
  return text.startsWith('#') ? { ...struct, isAtomic: true } : struct;
}

function parseMap(inner: string, structs: Structs): SchemaType {
  const isAtomic = inner.startsWith('#');
  return { kind: 'map', isAtomic, item: parseType(isAtomic ? inner.slice(1) : inner, structs) };
}

function parseList(inner: string, structs: Structs): SchemaType {
  if (inner.startsWith('='))
    return { kind: 'list', relation: 'set', keys: [], item: parseType(inner.slice(1), structs) };
  const end = inner.indexOf('>');
  if (end < 0) return { kind: 'list', relation: 'atomic', keys: [], item: parseType(inner, structs) };
  const keys = inner
    .slice(0, end)
    .split(',')
    .map((key): ListKey => {
      const [name = '', standard] = key.split('~');
      return { name, standard };
    });
  return { kind: 'list', relation: 'map', keys, item: parseType(inner.slice(end + 1), structs) };
}
