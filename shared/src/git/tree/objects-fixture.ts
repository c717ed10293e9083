import type { GitId } from '../../base/index.ts';
import { hashObject } from '../hash-object.ts';
import type { ObjectFormat } from '../object-format.ts';
import type { ObjectStore } from '../store/object-store.ts';

/** A tree made by hand: names to contents, trees, or entries of any mode. */
export interface FixtureTree {
  readonly [name: string]: string | FixtureTree | { readonly mode: string; readonly id: GitId };
}

/** Puts a tree and everything below it into a store; returns its id. Names may be what git would refuse. */
export async function putTree(
  store: ObjectStore,
  tree: FixtureTree,
  format: ObjectFormat = 'sha1',
): Promise<GitId> {
  const lines: Buffer[] = [];
  for (const [name, value] of Object.entries(tree)) {
    const { mode, id } = await putEntry(store, value, format);
    lines.push(encodeEntry(mode, name, id));
  }
  const data = Buffer.concat(lines);
  const id = hashObject('tree', data, format);
  await store.put({ id, type: 'tree', data });
  return id;
}

/** Puts a file's content; returns its id. */
export async function putBlob(
  store: ObjectStore,
  content: string | Buffer,
  format: ObjectFormat = 'sha1',
): Promise<GitId> {
  const data = Buffer.from(content);
  const id = hashObject('blob', data, format);
  await store.put({ id, type: 'blob', data });
  return id;
}

/** One line of a tree object. */
export function encodeEntry(mode: string, name: string | Buffer, id: GitId): Buffer {
  return Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.of(0), Buffer.from(id, 'hex')]);
}

async function putEntry(
  store: ObjectStore,
  value: FixtureTree[string],
  format: ObjectFormat,
): Promise<{ readonly mode: string; readonly id: GitId }> {
  if (typeof value === 'string') return { mode: '100644', id: await putBlob(store, value, format) };
  if (isEntry(value)) return value;
  return { mode: '40000', id: await putTree(store, value, format) };
}

function isEntry(value: object): value is { readonly mode: string; readonly id: GitId } {
  return 'mode' in value && typeof value.mode === 'string';
}
