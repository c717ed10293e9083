import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { expect, onTestFinished, test } from 'vitest';
import { memoryBucket } from '../../../test/fakes/index.ts';
import { leaseTimes } from '../core/index.ts';
import { type LookLease, startLease } from './lease.ts';

const never = new AbortController().signal;

/** Processes on one bucket and one clock. */
function startProcesses(names: readonly string[]) {
  const [meta, clock] = [memoryBucket(), manualClock()];
  const all = names.map((process) => {
    const stopping = new AbortController();
    const one = { process, canDecide: true, stop: () => stopping.abort() };
    const deps = { meta, process, canDecide: () => one.canDecide, clock, log: silentLogger };
    const lease: LookLease = startLease(deps, stopping.signal);
    onTestFinished(async () => {
      stopping.abort();
      await lease.ended;
    });
    return Object.assign(one, { looks: () => lease.leavesItForMs() === 0 });
  });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) await clock.advance(500);
  };
  return { all, pass, meta };
}

test('one of several processes looks, and the others look when it is gone for ten seconds', async () => {
  const { all, pass } = startProcesses(['a', 'b', 'c']);
  await pass(60_000);
  const [holder, ...others] = all.filter((one) => one.looks());
  expect(others).toEqual([]);

  holder?.stop();
  await pass(leaseTimes.staleMs - leaseTimes.renewMs - leaseTimes.readMs);
  expect(all.filter((one) => one !== holder && one.looks())).toEqual([]);
  await pass(2 * leaseTimes.staleMs);

  expect(all.filter((one) => one !== holder && one.looks())).toHaveLength(1);
});

test('a holder that cannot decide any more lets it go', async () => {
  const { all, pass, meta } = startProcesses(['a', 'b']);
  await pass(10_000);
  const holder = all.find((one) => one.looks())!;
  holder.canDecide = false;
  await pass(30_000);

  const next = all.find((one) => one !== holder);
  expect(next?.looks()).toBe(true);
  expect((await meta.get('lease', never))?.value).toMatchObject({ holder: next?.process });
});
