import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorkQueue } from './work-queue.ts';

const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ do: fc.constant('addAt' as const), key: fc.integer({ min: 0, max: 4 }), ms: fc.nat(20) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('finish' as const) }),
  fc.record({ do: fc.constant('promote' as const), ms: fc.nat(5) }),
);

test('no key is worked on twice at a time, and every add is followed by a look that began after it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = createWorkQueue<number>(100);
      const working: number[] = [];
      const owed = new Set<number>();
      let nowMs = 0;
      function takeOne(): boolean {
        const key = queue.take();
        if (key === undefined) return false;
        expect(working).not.toContain(key);
        working.push(key);
        owed.delete(key);
        return true;
      }
      for (const one of steps) {
        if (one.do === 'add') {
          queue.add(one.key);
          owed.add(one.key);
        } else if (one.do === 'addAt') {
          queue.addAt(one.key, nowMs + one.ms);
          owed.add(one.key);
        } else if (one.do === 'promote') {
          nowMs += one.ms;
          queue.promote(nowMs);
        } else if (one.do === 'take') takeOne();
        else {
          const key = working.shift();
          if (key !== undefined) queue.finish(key);
        }
      }
      for (let round = 0; round < 3; round += 1) {
        queue.promote(nowMs + 1_000);
        while (takeOne());
        for (const key of working.splice(0)) queue.finish(key);
      }
      expect([...owed]).toEqual([]);
      expect(queue.size).toBe(0);
    }),
  );
});
