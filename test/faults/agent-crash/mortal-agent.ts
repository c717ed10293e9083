/**
 * One life of an agent's engine as a process of its own: `node mortal-agent.ts ORDER`, where ORDER is JSON (see Order). Prints
 * one line of JSON when its row is done: the report, and how often it wrote to its store. With `dieAt` it kills itself at that
 * write.
 */
import type { StateStore } from '@flotilla/agent/ports';
import { startAgentEngine } from '../../real/agent-engine/index.ts';
import { openStore } from './open-store.ts';
import type { Order, StoreDeath } from './order.ts';

// Written by the scenario.
const order = JSON.parse(process.argv[2] ?? '') as Order;
await using opened = await openStore(order.store, order);
let writes = 0;
const { store: inner } = opened;
const store = order.dieAt === undefined ? counting(inner) : dying(inner, order.dieAt);
await using engine = await startAgentEngine({ ...order, store });
if (order.wanted !== undefined) await engine.assign(order.wanted);
if (order.removed !== undefined) await engine.remove(order.removed);
const report = await engine.atRest(order.awaited);
process.stdout.write(`${JSON.stringify({ report, writes })}\n`);

function counting(inner: StateStore): StateStore {
  return writing(inner, async (write) => {
    writes += 1;
    await write();
  });
}

/** SIGKILL leaves no time for anything, as the loss of a machine does. */
function dying(inner: StateStore, { write, when }: StoreDeath): StateStore {
  return writing(inner, async (work) => {
    writes += 1;
    const isLast = writes === write;
    if (isLast && when === 'before') process.kill(process.pid, 'SIGKILL');
    await work();
    if (isLast) process.kill(process.pid, 'SIGKILL');
  });
}

function writing(inner: StateStore, around: (write: () => Promise<void>) => Promise<void>): StateStore {
  return {
    read: (key, signal) => inner.read(key, signal),
    write: (key, value, signal) => around(() => inner.write(key, value, signal)),
    remove: (key, signal) => inner.remove(key, signal),
    list: (prefix, signal) => inner.list(prefix, signal),
    get damage() {
      return inner.damage;
    },
  };
}
