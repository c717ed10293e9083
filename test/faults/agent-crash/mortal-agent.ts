/**
 * One life of an agent's engine as a process of its own: `node mortal-agent.ts ORDER`, where ORDER is JSON (see Order). Prints
 * one line of JSON when its row is done: the report, and how often it wrote to its store. With `dieAt` it kills itself at that
 * write.
 */
import { openFolderStore } from '@flotilla/agent/io/state-store';
import type { StateStore } from '@flotilla/agent/ports';
import { startAgentEngine } from '../../real/agent-engine/index.ts';
import type { Order, StoreDeath } from './order.ts';

// Written by the scenario.
const order = JSON.parse(process.argv[2] ?? '') as Order;
const folder = await openFolderStore(order.storeFolder);
let writes = 0;
const store = order.dieAt === undefined ? counting(folder) : dying(folder, order.dieAt);
await using engine = await startAgentEngine({ ...order, store, userAgent: order.userAgent });
if (order.wanted !== undefined) await engine.assign(order.wanted);
if (order.removed !== undefined) await engine.remove(order.removed);
const report = await engine.atRest(order.awaited);
process.stdout.write(`${JSON.stringify({ report, writes })}\n`);

function counting(inner: StateStore): StateStore {
  return {
    ...inner,
    damage: inner.damage,
    async write(key, value, signal) {
      writes += 1;
      await inner.write(key, value, signal);
    },
  };
}

/** SIGKILL leaves no time for anything, as the loss of a machine does. */
function dying(inner: StateStore, { write, when }: StoreDeath): StateStore {
  return {
    ...inner,
    damage: inner.damage,
    async write(key, value, signal) {
      writes += 1;
      const isLast = writes === write;
      if (isLast && when === 'before') process.kill(process.pid, 'SIGKILL');
      await inner.write(key, value, signal);
      if (isLast) process.kill(process.pid, 'SIGKILL');
    },
  };
}
