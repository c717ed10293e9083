import fc from 'fast-check';
import { expect, it } from 'vitest';
import { liveJob, madeJob } from './checks-fixture.ts';
import type { JobRun } from './job-run.ts';
import { type JobSight, planJob } from './plan-job.ts';

const job = madeJob();
const fresh = { check: 'smoke', version: '1.7', namespace: 'shop', name: job.ref.name };

/** What happens between two steps. `die` forgets all but the store; the others are the cluster's and a person's doings. */
const happening = fc.constantFrom('step', 'step', 'step', 'step', 'die', 'pass', 'fail', 'delete');

interface World {
  stored: JobRun | undefined;
  live: { uid: string; end: string | undefined } | undefined;
  sight: JobSight;
  made: number;
  isHolding: boolean;
}

function step(world: World): void {
  const next = planJob({ job, run: world.stored, fresh, sight: world.sight });
  switch (next.kind) {
    case 'save':
      world.stored = next.run;
      return;
    case 'read':
      world.sight = sightOf(world, undefined);
      return;
    case 'read-pods':
      world.sight = { ...world.sight, podsSay: '' } as JobSight;
      return;
    case 'create':
      // As the API server: a second one of the same name is refused, and then read.
      if (world.live !== undefined) world.sight = { kind: 'unread' };
      else {
        world.made += 1;
        world.live = { uid: `u${world.made}`, end: undefined };
        world.sight = sightOf(world, undefined);
      }
      return;
    case 'answer':
      world.isHolding = next.answer.kind === 'holds';
      // Each look reads anew.
      world.sight = { kind: 'unread' };
  }
}

function sightOf({ live }: World, podsSay: string | undefined): JobSight {
  if (live === undefined) return { kind: 'absent' };
  const { uid, end } = live;
  return { kind: 'present', job: liveJob(end === undefined ? { uid } : { uid, end }), isOwn: true, podsSay };
}

function live(world: World, what: string): void {
  if (what === 'step') step(world);
  else if (what === 'die') world.sight = { kind: 'unread' };
  else if (what === 'delete') world.live = undefined;
  else if (world.live?.end === undefined && world.live !== undefined)
    world.live = { ...world.live, end: what === 'pass' ? 'Complete' : 'Failed' };
}

it('never runs a Job again that is known to have passed, never two at once, and comes to an answer', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (story) => {
      const world: World = {
        stored: undefined,
        live: undefined,
        sight: { kind: 'unread' },
        made: 0,
        isHolding: false,
      };
      for (const what of story) {
        const before = { ...world };
        live(world, what);
        const hasPassed = before.stored?.end?.kind === 'passed';
        if (hasPassed) expect(world.made).toBe(before.made);
        if (hasPassed) expect(world.stored?.end?.kind).toBe('passed');
        if (world.isHolding) expect(world.stored?.end?.kind).toBe('passed');
        // A new one only where there is none, and only after that was written down.
        if (world.made > before.made) {
          expect(before.live).toBeUndefined();
          expect(before.stored).toMatchObject({ end: undefined });
        }
      }
      for (let count = 0; count < 12; count += 1) step(world);
      if (world.live === undefined) expect(world.isHolding).toBe(true);
      live(world, 'pass');
      const isFailed = world.live?.end === 'Failed';
      for (let count = 0; count < 12; count += 1) step(world);
      expect(world.isHolding).toBe(!isFailed);
    }),
    { numRuns: 1_000 },
  );
});
