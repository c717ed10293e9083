import { seededRandom } from '@flotilla/shared/base';
import { createMetrics, silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import type { AssignmentReport, Facts, Report } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { memoryStateStore } from '../../../../test/fakes/state-store.ts';
import { memoryStatusSink } from '../../../../test/fakes/status-sink.ts';
import { defineEngineMetrics } from '../engine/engine-metrics.ts';
import { testConfig } from '../engine/engine-world-fixture.ts';
import { memoryHeldRows } from '../engine/held-rows-fixture.ts';
import { Reporter } from './report.ts';

function open(store = memoryStateStore()) {
  const clock = manualClock();
  const stop = new AbortController();
  const bus = memoryStatusSink();
  const world = {
    bus: bus.published,
    stream: [] as Report[],
    isStreamOpen: true,
    incarnation: 1,
    facts: () => ({}) as Facts,
  };
  const reporter = new Reporter({
    ports: {
      clock,
      random: seededRandom(1),
      store,
      status: bus,
    },
    config: { ...testConfig, streamFallbackMs: 60_000 },
    session: {
      incarnation: () => world.incarnation,
      sendReport: (report) => {
        if (world.isStreamOpen) world.stream.push(report);
        return world.isStreamOpen;
      },
      heardAtMs: () => undefined,
      onWantReport: () => () => undefined,
    },
    heldRows: memoryHeldRows(),
    metrics: defineEngineMetrics(createMetrics()),
    log: silentLogger,
    reports: () => [] as AssignmentReport[],
    facts: () => world.facts(),
  });
  const running = reporter.run(stop.signal);
  return {
    clock,
    bus,
    world,
    reporter,
    store,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

describe('Reporter', () => {
  it('tells the first change after quiet at once and later ones together, and something at least once a minute', async () => {
    await using test = open();
    const { clock, world, reporter } = test;
    await clock.advance(0);
    expect(world.bus).toHaveLength(1);
    await clock.advance(5_000);
    reporter.changed();
    await clock.advance(0);
    expect(world.bus).toHaveLength(2);
    for (let index = 0; index < 5; index += 1) reporter.changed();
    await clock.advance(199);
    expect(world.bus).toHaveLength(2);
    await clock.advance(1);
    expect(world.bus).toHaveLength(3);
    await clock.advance(60_000);
    expect(world.bus).toHaveLength(4);
  });

  it('keeps only the newest while the bus is away, and sends it when it is back', async () => {
    await using test = open();
    const { clock, bus, world, reporter } = test;
    await clock.advance(0);
    bus.isBusUp = false;
    reporter.changed();
    await clock.advance(10_000);
    expect(world.bus).toHaveLength(1);
    expect(reporter.lastSeq).toBeGreaterThan(1);
    bus.isBusUp = true;
    await clock.advance(2_000);
    expect(world.bus).toHaveLength(2);
    expect(world.bus.at(-1)?.seq).toBe(reporter.lastSeq);
    expect(world.stream).toEqual([]);
  });

  it('goes over the stream when the bus is away for a minute, and not while no stream is open', async () => {
    await using test = open();
    const { clock, bus, world, reporter } = test;
    await clock.advance(0);
    bus.isBusUp = false;
    world.isStreamOpen = false;
    reporter.changed();
    await clock.advance(70_000);
    expect(world.stream).toEqual([]);
    world.isStreamOpen = true;
    await clock.advance(3_000);
    expect(world.stream).toHaveLength(1);
  });

  it('never repeats a number, across restarts and with a new incarnation', async () => {
    const store = memoryStateStore();
    let last = 0;
    {
      await using test = open(store);
      await test.clock.advance(0);
      last = test.reporter.lastSeq;
    }
    await using test = open(store);
    await test.clock.advance(0);
    expect(test.reporter.lastSeq).toBeGreaterThan(last);
    test.world.incarnation = 2;
    test.reporter.wanted();
    await test.clock.advance(0);
    expect(test.world.bus.at(-1)).toMatchObject({ incarnation: 2, seq: 1 });
  });

  it('raises the number also for a report that cannot be made, so that the hub takes no older one for the latest', async () => {
    await using test = open();
    const { clock, world, reporter } = test;
    await clock.advance(0);
    world.facts = () => {
      throw new Error('a rule of ours is broken');
    };
    reporter.changed();
    await clock.advance(5_000);
    expect(world.bus).toHaveLength(1);
    expect(reporter.lastSeq).toBeGreaterThan(world.bus.at(-1)!.seq);
    world.facts = () => ({}) as Facts;
    await clock.advance(2_000);
    expect(world.bus.at(-1)?.seq).toBe(reporter.lastSeq);
  });

  it('raises it, and sends nothing, while no number can be reserved in a full store', async () => {
    const store = memoryStateStore();
    await using test = open(store);
    const { clock, world, reporter } = test;
    await clock.advance(0);
    while (reporter.lastSeq < 500) {
      reporter.wanted();
      await clock.advance(1_000);
    }
    store.beforeWrite = () => {
      throw new Error('no space left');
    };
    reporter.wanted();
    await clock.advance(5_000);
    expect(world.bus.at(-1)?.seq).toBe(500);
    expect(reporter.lastSeq).toBeGreaterThan(500);
    store.beforeWrite = undefined;
    await clock.advance(2_000);
    expect(world.bus.at(-1)?.seq).toBe(reporter.lastSeq);
    expect(store.peek('engine/report-seq')).toMatchObject({ incarnation: 1 });
  });

  it('names no number of an incarnation of which it does not know what an earlier run used', async () => {
    const store = memoryStateStore();
    await using test = open(store);
    const { clock, world, reporter } = test;
    await clock.advance(0);
    world.incarnation = 2;
    await store.write('engine/report-seq', { incarnation: 2, upTo: 40 }, new AbortController().signal);
    store.tear('engine/report-seq', 'all');
    reporter.wanted();
    await clock.advance(3_000);
    expect(world.bus.at(-1)?.incarnation).toBe(1);
    expect(reporter.lastSeq).toBe(0);
  });
});
