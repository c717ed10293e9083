import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RolloutRequest } from '../api-port.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { logOf, never, startHub, threeClusters, worldUnderWay } from './deciding-hub-fixture.ts';
import { operateRollout } from './operate-rollout.ts';

const operation: fc.Arbitrary<RolloutRequest['operation']> = fc.oneof(
  fc.constantFrom('pause', 'resume', 'abort', 'promote', 'undo', 'retry').map((verb) => ({ verb })),
  fc.constant({ verb: 'approve' as const, stage: undefined }),
  fc.constantFrom(...threeClusters).map((cluster) => ({ verb: 'skip' as const, cluster })),
);

it('I21: an operation for a state that is not the newest any more decides nothing and says so', async () => {
  await fc.assert(
    fc.asyncProperty(operation, fc.integer({ min: 0, max: 60 }), async (asked, back) => {
      const world = worldUnderWay();
      const log = await logOf(world);
      const { deps, fleet } = await startHub(log, world);
      fleet.setPlacement(placement, { spec: undefined, desired: world.desired, errors: [] });
      const { lastSeq } = world.state;
      const { size } = log;
      const by = { actor: 'ada', reason: 'incident 812' };
      const target = { kind: 'placement', name: placement } as const;
      const request = { target, operation: asked, by, expectedSeq: Math.max(0, lastSeq - 1 - back) };
      expect(await operateRollout(deps, request, never)).toMatchObject({
        ok: false,
        error: { kind: 'conflict', code: 'FLT-4015' },
      });
      expect(log.size).toBe(size);
    }),
    { numRuns: 25 },
  );
});
