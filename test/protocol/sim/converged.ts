import { assert } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import { claimOf, formatVersion, setDigest } from '@flotilla/shared/model';
import type { World } from './world.ts';

/** Asserts that agent and hubs hold the same, and that nobody raised a false alarm. */
export function checkConverged({ agent, hubs, log }: Pick<World, 'agent' | 'hubs' | 'log'>): void {
  const refused = new Set(hubs.flatMap((hub) => [...hub.refused]));
  for (const row of log.desired(log.endSeq)) checkRow(row, agent.disk.get(row.placement), refused);
  const { state, disk } = agent;
  assert(state?.phase.kind === 'following', 'the agent follows a hub');
  assert(state.isInStep === true, 'both ends name the same digest');
  assert(
    state.heldDigest === setDigest([...disk.values()].map(claimOf)),
    'the agent names the digest of what is on its disk',
  );
  assert(
    hubs.every((hub) => !hub.alarms.includes('LogLost')),
    'a log that was never lost raises no alarm',
  );
}

function checkRow(row: Row, held: Row | undefined, refused: ReadonlySet<string>): void {
  const name = `${row.placement} ${formatVersion(row.version)}`;
  if (row.kind === 'assignment' && row.variant.render.renderer === 'helm') {
    assert(refused.has(name), `${name} cannot be done by this agent, and a hub knows`);
    assert(held?.version.seq !== row.version.seq, `${name} is not held`);
    return;
  }
  assert(held !== undefined, `${name} is held`);
  assert(formatVersion(held.version) === formatVersion(row.version), `${name} is held at its version`);
  assert(claimOf(held).variantDigest === claimOf(row).variantDigest, `${name} is held with its content`);
}
