import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { memoryStore } from '../store/memory-store.ts';
import { missingObjects } from './missing-objects.ts';
import { putTree } from './objects-fixture.ts';

const signal = new AbortController().signal;
const blob = 'b'.repeat(40) as GitId;
const tree = 'd'.repeat(40) as GitId;
const large = 'f'.repeat(40) as GitId;

describe('missingObjects', () => {
  it('names what is not there, each once, without submodules and noted blobs', async () => {
    const store = memoryStore();
    await store.noteTooLarge(large, 1);
    const id = await putTree(store, {
      a: { x: { mode: '100644', id: blob }, y: { mode: '40000', id: tree } },
      b: { x: { mode: '120000', id: blob }, y: { mode: '40000', id: tree } },
      huge: { mode: '100644', id: large },
      module: { mode: '160000', id: tree },
      here: 'content',
    });

    expect(await missingObjects({ store, treeIds: [id], blobs: 'required' }, signal)).toEqual({
      trees: [tree],
      blobs: [blob],
    });
    expect(await missingObjects({ store, treeIds: [id], blobs: 'ignored' }, signal)).toEqual({
      trees: [tree],
      blobs: [],
    });
  });

  it('looks at a tree once however often it is held', async () => {
    const store = memoryStore();
    let id = await putTree(store, {});
    for (let level = 0; level < 60; level += 1) {
      const names = Array.from({ length: 10 }, (_, index) => [String(index), { mode: '40000', id }] as const);
      id = await putTree(store, Object.fromEntries(names));
    }

    expect(await missingObjects({ store, treeIds: [id], blobs: 'required' }, signal)).toEqual({
      trees: [],
      blobs: [],
    });
  });
});
