import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { memberOf } from '@flotilla/shared/model';
import { expect, test } from 'vitest';
import { OutsideBus } from '../e2e/world/outside-bus.ts';
import { ControlSide, writeSeed } from '../real/control-side/index.ts';
import { waitFor } from '../real/waiting.ts';
import { ReportingAgent } from './many-hubs/reporting-agent.ts';
import { seedFiles, settings } from './many-hubs/seed.ts';

const names = ['sim-1', 'sim-2', 'sim-3'];
const patience = { withinMs: 120_000, everyMs: 250 };

/** A hub on a bus of its own, and three agents that report what is asked of them. */
async function startFleet(stack: AsyncDisposableStack) {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-lost-log-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const bus = stack.use(await OutsideBus.start(folder));
  const seed = await writeSeed(folder, seedFiles());
  const control = stack.use(await ControlSide.start({ folder, seed, hubSettings: bus.hubSettings }));
  const stopping = new AbortController();
  const agents = await Promise.all(
    names.map(async (name) => {
      const joinLine = await control.client.joinLine(name, { env: 'sim' });
      return await ReportingAgent.start({ name, folder: join(folder, name), joinLine }, stopping.signal);
    }),
  );
  const ticking = setInterval(() => {
    for (const agent of agents) agent.tick(performance.now());
  }, 100);
  stack.defer(async () => {
    clearInterval(ticking);
    stopping.abort();
    await Promise.all(agents.map((agent) => agent.stop()));
  });
  const store = join(folder, 'jetstream');
  return { agents, bus, control, store, saved: `${store}.saved` };
}

type Fleet = Awaited<ReturnType<typeof startFleet>>;

/** Pushes content, and waits until every cluster runs it. */
async function roll({ control }: Fleet, what: string): Promise<void> {
  const commit = await push(control, what);
  await waitFor(
    `${what} everywhere`,
    async () => {
      const all = await control.client.list('assignments');
      const items = all.filter(({ spec }) => spec.placement === 'alpha');
      const isThere = items.every(
        ({ spec, status }) => spec.commit?.id === commit && status.state === 'Ready',
      );
      return items.length === names.length && isThere;
    },
    patience,
  );
}

async function push(control: ControlSide, what: string): Promise<string> {
  return await control.workshop.push({ 'apps/alpha/settings.yaml': settings('alpha', what) }, what);
}

/** What each agent holds of the placement. */
function heldBy({ agents }: Fleet): readonly { readonly digest: string; readonly epoch: number }[] {
  return agents.map((agent) => {
    const row = agent.held.find(({ placement }) => placement === 'alpha');
    return row === undefined
      ? { digest: '', epoch: 0 }
      : { digest: memberOf(row).variantDigest, epoch: row.version.epoch };
  });
}

/** Stops the bus, does something to its store, starts it again, and then a hub that had noticed. */
async function withoutBus({ bus, control }: Fleet, change: () => Promise<void>): Promise<void> {
  await bus.kill();
  await change();
  await bus.restart();
  await waitFor('the end of the hub', async () => !(await control.client.isUp()), patience);
  await control.stopHub();
  await control.restartHub();
}

test('a bus that is put back to an older copy steps no agent back: what they hold is adopted, and a person lets it go on', async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await startFleet(stack);
  const { bus, control, saved, store } = fleet;
  await roll(fleet, 'one');
  await bus.kill();
  await cp(store, saved, { recursive: true });
  await bus.restart();
  await roll(fleet, 'two');
  const before = heldBy(fleet);
  expect(before.map(({ epoch }) => epoch)).toEqual([1, 1, 1]);

  await withoutBus(fleet, async () => {
    await rm(store, { recursive: true });
    await cp(saved, store, { recursive: true });
  });
  await waitFor('adopted rows', () => heldBy(fleet).every(({ epoch }) => epoch === 2), patience);
  expect(heldBy(fleet).map(({ digest }) => digest)).toEqual(before.map(({ digest }) => digest));
  const { control: told, hub } = (await control.client.status()).status;
  expect(hub.epoch).toBe(2);
  expect(told.held.map(({ code }) => code)).toContain('EpochUnconfirmed');

  await push(control, 'three');
  await waitFor(
    'a commit in force',
    async () => (await control.client.status()).status.control.commit?.subject === 'three',
    patience,
  );
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(heldBy(fleet).map(({ digest }) => digest)).toEqual(before.map(({ digest }) => digest));
  await control.flotilla('epoch', 'confirm', '--reason', 'the copy of this morning');
  await roll(fleet, 'four');
}, 400_000);

test('a log that is gone takes nothing from agents: what they hold is adopted from what Git asks for, and goes on after a word', async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await startFleet(stack);
  const { control, store } = fleet;
  await roll(fleet, 'one');
  const before = heldBy(fleet);
  await withoutBus(fleet, async () => {
    const paths = await readdir(store, { recursive: true });
    const logs = paths.filter((path) => basename(path) === 'FLOTILLA_DECISIONS');
    expect(logs).toHaveLength(1);
    for (const path of logs) await rm(join(store, path), { recursive: true });
  });
  await waitFor('adopted rows', () => heldBy(fleet).every(({ epoch }) => epoch === 2), patience);
  expect(heldBy(fleet).map(({ digest }) => digest)).toEqual(before.map(({ digest }) => digest));
  await control.flotilla('epoch', 'confirm', '--reason', 'the disk of the log was lost');
  await roll(fleet, 'two');
}, 400_000);

test('a bus whose whole store is gone knows no cluster any more, and every agent keeps what it has', async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await startFleet(stack);
  const { control, store } = fleet;
  await roll(fleet, 'one');
  const before = heldBy(fleet);
  await withoutBus(fleet, () => rm(store, { recursive: true }));
  await waitFor(
    'a hub that knows no cluster',
    async () => (await control.client.isUp()) && (await control.client.list('clusters')).length === 0,
    patience,
  );
  await push(control, 'two');
  await waitFor(
    'a commit in force',
    async () => (await control.client.status()).status.control.commit?.subject === 'two',
    patience,
  );
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(heldBy(fleet)).toEqual(before);
}, 400_000);
