import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultOutcome, FaultRun } from '../main.ts';
import { Fleet } from './fleet.ts';
import { placements } from './seed.ts';

const minuteMs = 60_000;

/** How much of it. An outage of 30 minutes is twice deadline and grace together; here these are 20 and 90 s. */
interface Size {
  readonly agents: number;
  readonly chaosMs: number;
  readonly outageMs: number;
}

const full: Size = { agents: 200, chaosMs: 180_000, outageMs: 220_000 };
const short: Size = { agents: 24, chaosMs: 40_000, outageMs: 220_000 };

/**
 * S1: three hub processes on three NATS servers, rollouts over simulated agents, and one process or server killed every few
 * seconds; then everything in the middle away for longer than any deadline. What was decided is recomputed from the stream.
 */
export async function manyHubs({ isShort, say }: FaultRun): Promise<FaultOutcome> {
  const size = isShort ? short : full;
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-faults-'));
  await using stack = new AsyncDisposableStack();
  const kept = { isKept: true };
  stack.defer(() => (kept.isKept ? undefined : rm(folder, { recursive: true, force: true })));
  const fleet = await Fleet.start(folder, stack);
  say(`${fleet.bus.urls.length} NATS servers and ${fleet.hubs.clients.length} hubs are up`);
  await fleet.startAgents(size.agents, stack);
  await fleet.push('first');
  await fleet.untilSettled(10 * minuteMs);
  say(`${size.agents} agents run ${placements.length} placements`);
  const kills = await chaos(fleet, size, say);
  await fleet.untilSettled(10 * minuteMs);
  say('everything is Ready after the kills; hubs and bus go away in the middle of a rollout');
  const failuresBefore = (await fleet.judge(size.agents)).clusterFailures;
  await outage(fleet, size.outageMs);
  await fleet.untilSettled(10 * minuteMs);
  const judged = await fleet.judge(size.agents);
  const { broken, clusterFailures, ...figures } = judged;
  const lost = clusterFailures - failuresBefore;
  const hubEnds = fleet.hubs.ownEnds;
  const failed = [
    ...(clusterFailures > 0
      ? [`${clusterFailures} clusters counted as failed, ${lost} of them by the outage`]
      : []),
    ...(figures.deciders < 2 ? ['only one process ever decided'] : []),
    ...(hubEnds > 0 ? [`hub processes ended by themselves ${hubEnds} times`] : []),
  ];
  // The logs say what went wrong, where something did.
  kept.isKept = broken.length + failed.length > 0;
  return {
    figures: { agents: size.agents, ...kills, outageS: size.outageMs / 1_000, clusterFailures, ...figures },
    broken: [...broken, ...failed],
  };
}

/** Kills a hub or a server every few seconds while commits come; on a slow machine only when another hub is there to go on. */
async function chaos(fleet: Fleet, { chaosMs }: Size, say: (line: string) => void) {
  const counts = { hubKills: 0, busKills: 0, pushes: 0 };
  const untilMs = performance.now() + chaosMs;
  const pushing = (async () => {
    while (performance.now() < untilMs) {
      counts.pushes += 1;
      await fleet.push(`chaos ${counts.pushes}`);
      await pause(8_000);
    }
  })();
  let turn = 0;
  while (performance.now() < untilMs) {
    await pause(2_000 + Math.random() * 2_000);
    const index = turn % 3;
    await fleet.hubs.untilUp([0, 1, 2].filter((one) => one !== index));
    if (Math.random() < 0.6) {
      counts.hubKills += 1;
      await fleet.hubs.kill(index);
      await pause(1_000);
      fleet.hubs.restart(index);
    } else {
      counts.busKills += 1;
      await fleet.bus.kill(index);
      await pause(2_000);
      await fleet.bus.restart(index);
    }
    turn += 1;
  }
  await pushing;
  say(
    `${counts.hubKills} hubs and ${counts.busKills} NATS servers were killed, ${counts.pushes} commits pushed`,
  );
  return counts;
}

/** Takes all hubs and servers away while clusters change, for longer than deadline and grace. */
async function outage(fleet: Fleet, outageMs: number): Promise<void> {
  await fleet.push('outage');
  await fleet.untilRolling(minuteMs);
  await Promise.all([0, 1, 2].flatMap((index) => [fleet.hubs.kill(index), fleet.bus.kill(index)]));
  await pause(outageMs);
  await Promise.all([0, 1, 2].map((index) => fleet.bus.restart(index)));
  for (const index of [0, 1, 2]) fleet.hubs.restart(index);
}
