import { describeError } from '@flotilla/shared/base';
import { outlive } from '../../e2e/world/bad-input.ts';
import { untilAllReady } from '../../e2e/world/expect.ts';
import { fetchingNews, misbehaving, serverFaults, silenceMs } from '../../e2e/world/git-faults.ts';
import { World } from '../../e2e/world/world.ts';
import type { FaultOutcome, FaultRun } from '../main.ts';

const placed = 7;

/**
 * The control repository behind the same faults, with a hub and a real control plane, as the journey has it: one message, the
 * hub killed and started again under each fault, nothing written on the cluster.
 */
export async function controlAnswers(say: FaultRun['say']): Promise<FaultOutcome> {
  await using world = await World.start({
    clusters: [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }],
    hubSettings: { 'poll-interval': '1s', 'git-silence': `${silenceMs}ms` },
  });
  const member = world.member('eu-1');
  await untilAllReady(world, (items) => items.size === placed);
  await member.mark();
  const broken: string[] = [];
  const outlived: string[] = [];
  const inputs = [...serverFaults.map((one) => misbehaving(world, one)), fetchingNews(world)];
  for (const [index, input] of inputs.entries()) {
    const name = serverFaults[index]?.fault ?? 'truncated-pack';
    try {
      await outlive(world, await input());
      outlived.push(name);
      say(`the hub outlived ${name}`);
    } catch (error) {
      broken.push(`control repository, ${name}: ${describeError(error)}`);
    }
  }
  const writes = await member.agentWriteLines();
  return { figures: { outlived }, broken: [...broken, ...writes.map((line) => `a write: ${line}`)] };
}
