import { describe, expect, it } from 'vitest';
import { groupWork } from './group-work.ts';

/** Work that is begun and ended by the test. */
function controlled() {
  const begun: { readonly key: string; end(error?: Error): void }[] = [];
  const work = groupWork((key) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    begun.push({ key, end: (error) => (error === undefined ? resolve() : reject(error)) });
    return promise;
  });
  return { begun, work };
}

describe('groupWork', () => {
  it('begins at once when none runs, and lets nobody rely on what began before they asked', async () => {
    const { begun, work } = controlled();
    const first = work('rows');
    const said: string[] = [];
    const late = Promise.all(Array.from({ length: 50 }, () => work('rows'))).then(() => said.push('late'));
    expect(begun).toHaveLength(1);
    begun[0]?.end();
    await first;
    expect(said).toEqual([]);
    await expect.poll(() => begun.length).toBe(2);
    const later = work('rows');
    begun[1]?.end();
    await late;
    await expect.poll(() => begun.length).toBe(3);
    begun[2]?.end();
    await later;
    const again = work('rows');
    expect(begun).toHaveLength(4);
    begun[3]?.end();
    await again;
  });

  it('does not let one key wait for another', () => {
    const { begun, work } = controlled();
    void work('rows');
    void work('content');
    expect(begun.map(({ key }) => key)).toEqual(['rows', 'content']);
  });

  it('tells of a failure those who shared it, and goes on with the next', async () => {
    const { begun, work } = controlled();
    const first = work('rows');
    const second = work('rows');
    begun[0]?.end(new Error('no space left'));
    await expect(first).rejects.toThrow('no space left');
    await expect.poll(() => begun.length).toBe(2);
    begun[1]?.end();
    await second;
  });
});
