import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderStore } from '@flotilla/agent/io/state-store';
import { startAgentEngine } from '../../real/agent-engine/index.ts';
import { type ApiServer, startApiServer } from '../../real/control-plane/index.ts';
import type { FaultOutcome, FaultRun } from '../main.ts';
import { type Expected, judgeDeletes, judgeInventory, judgeLive } from './judge.ts';
import { type CallDeath, type DeathAt, type KillingProxy, startKillingProxy } from './killing-proxy.ts';
import { type Life, live } from './live.ts';
import { openStore } from './open-store.ts';
import type { Order, StoreDeath, StorePlace } from './order.ts';
import { filesOf, keyOf, placementOf, setAfter, setBefore } from './sets.ts';

/** What an agent was about when it died: another content with prunes, or the end of the assignment. */
type GoalKind = 'update' | 'removal';

type StoreKind = StorePlace['kind'];

/** What an agent is about, and where it keeps its state. */
interface Situation {
  readonly goal: GoalKind;
  readonly kind: StoreKind;
}

/** One place to die at. */
interface Death extends Situation {
  readonly call?: DeathAt;
  readonly write?: StoreDeath;
}

const situations: readonly Situation[] = (['folder', 'secrets'] as const).flatMap((kind) =>
  (['update', 'removal'] as const).map((goal) => ({ goal, kind })),
);
const callDeaths: readonly CallDeath[] = ['before-forwarding', 'answer-withheld', 'after-the-answer'];
const writeDeaths = ['before', 'after'] as const;
const shortSample = 24;
const lanes = 2;
const userAgent = 'flotilla-mortal';
const never = new AbortController().signal;

/**
 * S17: an agent is killed before each API call is forwarded, after it was done with the answer withheld, after the answer,
 * and before and after each write to its store; then it lives again. Nothing it owns may be forgotten, nothing deleted
 * twice, nothing deleted without a cause; the judges are the server and its audit log.
 */
export async function agentCrash({ isShort, say }: FaultRun): Promise<FaultOutcome> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-crash-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const server = stack.use(await startApiServer());
  const stage = { server, folder, base: join(folder, 'base') };

  const undisturbed = await rehearse(stage);
  const all = undisturbed.flatMap(deathsOf);
  const deaths = isShort ? sampleOf(all) : all;
  for (const { goal, kind, calls, writes } of undisturbed)
    say(`${goal} with a store in ${kind}: ${calls} calls, ${writes} writes to the store`);
  say(`${all.length} places to die at, ${deaths.length} of them now`);
  await prepare(stage, deaths);
  say('the sets are on the server');
  const lives = await dieAll(stage, deaths, say);
  const events = await server.audit();
  const broken = lives.flatMap(({ death, expected, found }) => {
    const wrong = [...found, ...judgeDeletes(events, expected)];
    return wrong.map((text) => `${describe(death)}: ${text}`);
  });
  const killed = lives.filter((one) => one.wasKilled).length;
  return { figures: { undisturbed, places: all.length, deaths: deaths.length, killed }, broken };
}

interface Stage {
  readonly server: ApiServer;
  readonly folder: string;
  /** The store of the agent that brought the sets onto the server. */
  readonly base: string;
}

/** How many calls and writes to the store a situation takes when nobody dies. */
interface Rehearsed extends Situation {
  readonly calls: number;
  readonly writes: number;
}

async function rehearse(stage: Stage): Promise<readonly Rehearsed[]> {
  const rehearsed: Rehearsed[] = [];
  await using proxy = await startKillingProxy(stage.server.adminCredential);
  for (const situation of situations) {
    const placement = placementOf(`rehearsal-${situation.goal}-${situation.kind}`, 0);
    await bringAll(stage, [placement]);
    const order = await orderFor(stage, { ...situation, placement, proxy });
    const life = await live(order, () => proxy.arm(undefined, () => {}));
    rehearsed.push({ ...situation, calls: proxy.calls, writes: life?.writes ?? 0 });
  }
  return rehearsed;
}

/** With Secrets each write to the store is a call. */
function deathsOf({ goal, kind, calls, writes }: Rehearsed): readonly Death[] {
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const atCalls = upTo(calls).flatMap((call) =>
    callDeaths.map((when) => ({ goal, kind, call: { call, when } })),
  );
  if (kind === 'secrets') return atCalls;
  const atWrites = upTo(writes).flatMap((write) =>
    writeDeaths.map((when) => ({ goal, kind, write: { write, when } })),
  );
  return [...atCalls, ...atWrites];
}

function sampleOf(deaths: readonly Death[]): readonly Death[] {
  const step = Math.max(1, Math.floor(deaths.length / shortSample));
  return deaths.filter((_, index) => index % step === 0);
}

async function prepare(stage: Stage, deaths: readonly Death[]): Promise<void> {
  await bringAll(
    stage,
    deaths.map((death, index) => placementOf(death.goal, index)),
  );
}

/** Every death gets its own set, made by an agent that nobody disturbs. */
async function bringAll(
  { server, base }: Stage,
  placements: readonly ReturnType<typeof placementOf>[],
): Promise<void> {
  const store = await openFolderStore(base);
  await using engine = await startAgentEngine({ credential: server.adminCredential, store, userAgent });
  const files = filesOf(setBefore);
  for (const placement of placements)
    await engine.assign({ placement, files, path: '', namespace: placement, seq: 1 });
  // Each has to be seen at rest for a moment: one after the other, hundreds of moments.
  const waiting = [...placements];
  while (waiting.length > 0) {
    const some = waiting.splice(0, 50);
    await Promise.all(some.map((placement) => engine.atRest({ placement, seq: 1 })));
  }
}

interface OrderParts extends Situation {
  readonly placement: ReturnType<typeof placementOf>;
  readonly proxy: KillingProxy;
}

/** A life that begins with what the undisturbed agent had stored of one placement, and gets a row from the hub. */
async function orderFor(stage: Stage, { goal, kind, placement, proxy }: OrderParts): Promise<Order> {
  const store = await placeFor(stage, kind, placement);
  const direct = { credential: stage.server.adminCredential, userAgent };
  const from = await openFolderStore(stage.base);
  await using opened = await openStore(store, direct);
  const to = opened.store;
  for (const key of await from.list('', never)) {
    const value = key.split('/').includes(placement) ? await from.read(key, never) : undefined;
    if (value !== undefined) await to.write(key, value, never);
  }
  const row = { placement, seq: 2 };
  const wanted = { ...row, files: filesOf(setAfter), path: '', namespace: placement };
  const credential = { ...stage.server.adminCredential, serverUrl: proxy.url };
  const common = { credential, store, userAgent, awaited: row };
  return goal === 'update' ? { ...common, wanted } : { ...common, removed: row };
}

async function placeFor(stage: Stage, kind: StoreKind, placement: string): Promise<StorePlace> {
  if (kind === 'folder') return { kind, folder: join(stage.folder, placement) };
  const namespace = `state-of-${placement}`;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await stage.server.admin.json('POST', '/api/v1/namespaces', body);
  return { kind, namespace };
}

interface Lived {
  readonly death: Death;
  readonly expected: Expected;
  readonly wasKilled: boolean;
  readonly found: readonly string[];
}

async function dieAll(
  stage: Stage,
  deaths: readonly Death[],
  say: FaultRun['say'],
): Promise<readonly Lived[]> {
  const left = deaths.map((death, index) => ({ death, index }));
  const lives: Lived[] = [];
  const work = async () => {
    await using proxy = await startKillingProxy(stage.server.adminCredential);
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      lives.push(await dieOnce(stage, proxy, next));
      if (lives.length % 20 === 0) say(`${lives.length} of ${deaths.length} deaths`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  return lives;
}

async function dieOnce(
  stage: Stage,
  proxy: KillingProxy,
  { death, index }: { readonly death: Death; readonly index: number },
): Promise<Lived> {
  const { goal, kind } = death;
  const placement = placementOf(goal, index);
  const order = await orderFor(stage, { goal, kind, placement, proxy });
  const { dieAt } = { dieAt: death.write };
  const first = await live(dieAt === undefined ? order : { ...order, dieAt }, (kill) =>
    proxy.arm(death.call, kill),
  );
  const second = await live(order, () => proxy.arm(undefined, () => {}));
  const expected = expectedOf(goal, placement);
  const state =
    second === undefined ? ['the second life ended before it was at rest'] : judgeWord(goal, second);
  await using opened = await openStore(order.store, { credential: stage.server.adminCredential, userAgent });
  const found = [
    ...state,
    ...(await judgeLive(stage.server.admin, expected)),
    ...(await judgeInventory(opened.store, expected)),
  ];
  return { death, expected, wasKilled: first === undefined, found };
}

/** A hub waits for this word: objects that are as they should be are not enough. */
function judgeWord(goal: GoalKind, { report }: Life): readonly string[] {
  const { appliedVariantDigest, reason, state, text, variantDigest } = report;
  const isDone = goal === 'removal' ? state === 'Removed' : appliedVariantDigest === variantDigest;
  return isDone ? [] : [`the second life says ${state} at rest (${reason}: ${text})`];
}

function expectedOf(goal: GoalKind, namespace: string): Expected {
  const objects = goal === 'update' ? setAfter : [];
  const left = new Set(objects.map(keyOf));
  return { namespace, objects, deleted: setBefore.map(keyOf).filter((key) => !left.has(key)) };
}

function describe({ goal, kind, call, write }: Death): string {
  const where =
    call === undefined ? `write ${write?.write} ${write?.when}` : `call ${call.call} ${call.when}`;
  return `${goal} with a store in ${kind}, killed at ${where}`;
}
