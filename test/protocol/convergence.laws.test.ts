import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Happening, World } from './sim/world.ts';

const hub = fc.constantFrom(0, 1);
const placement = fc.nat({ max: 5 });

const time: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constant('time' as const),
  ms: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 20_000 }), fc.nat({ max: 200_000 })),
});
const change: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant('assign' as const),
    placement,
    tree: fc.nat({ max: 3 }),
    isHelm: fc.nat({ max: 5 }).map((one) => one === 0),
  }),
  fc.record({ kind: fc.constant('remove' as const), placement }),
  fc.record({
    kind: fc.constant('fold' as const),
    hub,
    how: fc.constantFrom('all' as const, 'some' as const),
  }),
);
const fault: fc.Arbitrary<Happening> = fc.oneof(
  fc.constant({ kind: 'cut' as const }),
  fc.constant({ kind: 'crash-agent' as const }),
  fc.constant({ kind: 'start-agent' as const }),
  fc.record({ kind: fc.constant('crash-hub' as const), hub }),
  fc.record({ kind: fc.constant('start-hub' as const), hub }),
  fc.record({ kind: fc.constant('disk-full' as const), isFull: fc.boolean() }),
);
/** A stream keeps order and loses nothing until it breaks. */
const honestWeather: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constant('weather' as const),
  delayMs: fc.constantFrom(1, 200, 5_000, 30_000),
  loss: fc.constant(0),
  repeat: fc.constant(0),
});
/** A stream that loses or repeats single frames, as no transport should. */
const wildWeather: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constant('weather' as const),
  delayMs: fc.constantFrom(1, 200, 5_000),
  loss: fc.constantFrom(0, 0.1, 0.5),
  repeat: fc.constantFrom(0, 0.1, 0.5),
});

/** Far more than it needs: a busy machine must not make a law fail. */
const patienceMs = 60_000;

function live(happenings: readonly Happening[], seed: number): void {
  const world = new World(seed);
  for (const what of happenings) world.happen(what);
  world.settle();
}

describe('the assignment stream, over encoded bytes', () => {
  test(
    'converges after delays, broken links, crashes of either end and lagging hub processes',
    () => {
      const life = fc.array(
        fc.oneof({ weight: 3, arbitrary: time }, { weight: 3, arbitrary: change }, fault, honestWeather),
        {
          maxLength: 60,
          size: 'max',
        },
      );
      fc.assert(
        fc.property(life, fc.nat(), (happenings, seed) => live(happenings, seed)),
        { numRuns: 150 },
      );
    },
    patienceMs,
  );

  test(
    'converges even when single frames are lost or repeated',
    () => {
      const life = fc.array(
        fc.oneof({ weight: 3, arbitrary: time }, { weight: 3, arbitrary: change }, fault, wildWeather),
        {
          maxLength: 60,
          size: 'max',
        },
      );
      fc.assert(
        fc.property(life, fc.nat(), (happenings, seed) => live(happenings, seed)),
        { numRuns: 150 },
      );
    },
    patienceMs,
  );

  test('is quiet once both ends agree: an hour costs heartbeats and nothing else', () => {
    const world = new World(1);
    for (const one of [0, 1, 2]) world.happen({ kind: 'assign', placement: one, tree: one, isHelm: false });
    world.settle();
    const before = [...world.agent.disk.values()];

    world.happen({ kind: 'time', ms: 3_600_000 });

    expect([...world.agent.disk.values()]).toEqual(before);
    world.settle();
  });
});
