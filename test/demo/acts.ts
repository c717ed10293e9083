import type { AssignmentItem, ObjectRef } from '@flotilla/shared/model';
import { waitFor } from '../real/waiting.ts';
import type { DemoFleet } from './demo-fleet.ts';

/** What an act came to, for people and for the smoke run. */
export interface ActOutcome {
  readonly act: string;
  readonly text: string;
  readonly facts: { readonly [name: string]: number | string };
}

/** Tells a person what happens. */
export type Say = (line: string) => void;

const checkout: ObjectRef = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'checkout',
  name: 'checkout',
};

/** Resolves with all assignments when every one is fresh and Ready, and no rollout is under way. */
export async function untilAllReady(fleet: DemoFleet, withinMs: number): Promise<readonly AssignmentItem[]> {
  return await waitFor(
    'all Ready',
    async () => {
      const clusters = await fleet.hub.list('clusters');
      if (clusters.length < fleet.clusters.length) return undefined;
      const items = await fleet.hub.list('assignments');
      const isReady =
        items.length > 0 &&
        items.every((item) => item.status.state === 'Ready' && item.status.freshness.isFresh);
      if (!isReady || !clusters.every((cluster) => cluster.status.assignments > 0)) return undefined;
      const rollouts = await fleet.hub.list('rollouts');
      return rollouts.every((one) => one.status.endedAtMs !== undefined) ? items : undefined;
    },
    { withinMs, everyMs: 200 },
  );
}

/** Pushes a good commit and waits until every checkout runs it. */
export async function pushGood(
  fleet: DemoFleet,
  message: string,
): Promise<{ readonly seconds: number; readonly commit: string }> {
  const startedMs = performance.now();
  const commit = await fleet.workshop.pushCheckout(fleet.workshop.freshTag(), message);
  await waitFor(
    `all checkouts Ready at ${commit.slice(0, 12)}`,
    async () => {
      const items = await fleet.hub.list('assignments', { fieldSelector: 'placement=checkout' });
      const isDone = (item: AssignmentItem) =>
        item.spec.commit?.id === commit && item.status.state === 'Ready';
      return items.length === fleet.clusters.length && items.every(isDone) ? true : undefined;
    },
    { withinMs: 120_000, everyMs: 200 },
  );
  return { seconds: secondsSince(startedMs), commit };
}

/** A commit with an image that no registry has: the canary fails, the rollout halts, the rest is never touched. */
export async function actBreak(fleet: DemoFleet, say: Say): Promise<ActOutcome> {
  await fleet.members.mark();
  const commit = await fleet.workshop.pushCheckout('broken', 'Checkout: an image that does not exist');
  say(`pushed ${commit.slice(0, 12)} with image tag "broken"; the canary tries it first`);
  const halted = await waitFor(
    'the rollout halts',
    async () => {
      const rollouts = await fleet.hub.list('rollouts', { fieldSelector: 'placement=checkout' });
      return rollouts.find((one) => one.status.state === 'Halted');
    },
    { withinMs: 150_000 },
  );
  const writes = await fleet.members.writes('checkout');
  const touched = writes.filter((one) => one.writes > 0);
  const untouched = writes.length - touched.length;
  const failing = await fleet.hub.list('assignments', { fieldSelector: 'placement=checkout,state=Degraded' });
  const object = failing[0]?.status.failing[0];
  const cause = object ? `${object.reason}: ${object.message}` : (failing[0]?.status.reason?.text ?? '');
  return {
    act: 'break',
    text: `${halted.metadata.name} halted in ${halted.status.stage}: ${untouched} of ${writes.length} never touched; cause: ${cause}`,
    facts: { touched: touched.length, neverTouched: untouched, clusters: writes.length, cause },
  };
}

/** A person takes the last change back while the Git server is away; its commit stays out. */
export async function actUndo(fleet: DemoFleet, say: Say): Promise<ActOutcome> {
  await fleet.members.mark();
  await fleet.stopGit();
  say('the Git server is stopped: nobody needs it to go back');
  const startedMs = performance.now();
  const undone = await fleet.hub.operateRollout('checkout', 'undo', 'the act undo');
  say(`${undone.rollout} ${undone.text}`);
  await waitFor(
    'the rollback succeeds',
    async () => {
      const [placement] = await fleet.hub.list('placements', { fieldSelector: 'name=checkout' });
      const isOver = placement?.status.rollout === undefined && placement?.status.state === 'Ready';
      return isOver && placement.status.stopped.length > 0 ? placement : undefined;
    },
    { withinMs: 120_000, everyMs: 200 },
  );
  const seconds = secondsSince(startedMs);
  await fleet.restartGit();
  const written = (await fleet.members.writes('checkout')).filter((one) => one.writes > 0).length;
  return {
    act: 'undo',
    text: `everybody is on the stable release again after ${seconds} s, without Git; ${written} of ${fleet.clusters.length} clusters had to change; the commit stays out until: flotilla rollout retry checkout`,
    facts: { seconds, changed: written },
  };
}

/** A good commit supersedes the halted rollout. */
export async function actFix(fleet: DemoFleet, say: Say): Promise<ActOutcome> {
  say('pushing a good commit');
  const { commit, seconds } = await pushGood(fleet, 'Checkout: an image that exists');
  await untilAllReady(fleet, 60_000);
  return { act: 'fix', text: `all Ready at ${commit.slice(0, 12)} after ${seconds} s`, facts: { seconds } };
}

/** A hand edit on one cluster, and its correction. */
export async function actDrift(fleet: DemoFleet, say: Say): Promise<ActOutcome> {
  const cluster = fleet.clusters[0]?.name ?? '';
  const fieldSelector = `cluster=${cluster},placement=checkout`;
  const [before] = await fleet.hub.list('assignments', { fieldSelector });
  const ms = await editAndWatch(fleet, cluster, say);
  const item = await waitFor(
    'the drift is reported',
    async () => {
      const [found] = await fleet.hub.list('assignments', { fieldSelector });
      const corrected = found?.status.drift.corrected ?? 0;
      return corrected > (before?.status.drift.corrected ?? 0) ? found : undefined;
    },
    { withinMs: 15_000 },
  );
  return {
    act: 'drift',
    text: `${cluster}: corrected after ${ms} ms; ${item.status.drift.latest}`,
    facts: { correctedMs: ms, latest: item.status.drift.latest },
  };
}

/** The hub and its bus die; a cluster still corrects drift; the hub comes back and nothing is written again. */
export async function actCutHub(fleet: DemoFleet, say: Say): Promise<ActOutcome> {
  await fleet.killHub();
  say('hub and bus are killed; the clusters are on their own');
  const cluster = fleet.clusters.at(-1)?.name ?? '';
  const ms = await editAndWatch(fleet, cluster, say);
  await fleet.members.mark();
  await fleet.restartHub();
  const startedMs = performance.now();
  say('the hub is back; agents return');
  await untilAllReady(fleet, 120_000);
  const writes = (await fleet.members.writes()).reduce((sum, one) => sum + one.writes, 0);
  return {
    act: 'cut-hub',
    text: `drift corrected without hub after ${ms} ms; all Ready again ${secondsSince(startedMs)} s after its return; ${writes} writes on clusters for it`,
    facts: { correctedMs: ms, writesOnReturn: writes, caughtUpSeconds: secondsSince(startedMs) },
  };
}

/** An agent goes away: its cluster is Unknown, not green. Then it returns. */
export async function actOffline(fleet: DemoFleet, name: string, say: Say): Promise<ActOutcome> {
  if (!fleet.clusters.some((cluster) => cluster.name === name)) {
    const names = fleet.clusters.slice(0, 6).map((cluster) => cluster.name);
    throw new Error(`there is no cluster ${name}; there are ${names.join(', ')} and so on`);
  }
  await fleet.members.offline(name);
  const startedMs = performance.now();
  const gone = await waitFor('the cluster is Unknown', () => stateOf(fleet, name, 'Unknown'), {
    withinMs: 60_000,
  });
  const unknownSeconds = secondsSince(startedMs);
  say(`${name} is Unknown: ${gone.status.reason?.text ?? ''}`);
  const why = await fleet.hub.explain(name, 'checkout');
  say(`why ${name} checkout: ${why.reason?.text ?? ''}`);
  await fleet.members.online(name);
  await waitFor('the cluster is Ready again', () => stateOf(fleet, name, 'Ready'), { withinMs: 60_000 });
  return {
    act: 'offline',
    text: `${name} was Unknown after ${unknownSeconds} s, and is Ready again`,
    facts: { unknownSeconds },
  };
}

async function stateOf(fleet: DemoFleet, name: string, state: string) {
  const clusters = await fleet.hub.list('clusters');
  return clusters.find((cluster) => cluster.metadata.name === name && cluster.status.state === state);
}

async function editAndWatch(fleet: DemoFleet, cluster: string, say: Say): Promise<number> {
  const before = imageOf(await fleet.members.get(cluster, checkout));
  const startedMs = performance.now();
  const containers = editedContainers(before);
  await fleet.members.edit(cluster, checkout, { spec: { template: { spec: { containers } } } });
  say(`${cluster}: somebody changed the image of Deployment checkout/checkout by hand`);
  await waitFor(
    'the drift is corrected',
    async () => {
      const image = imageOf(await fleet.members.get(cluster, checkout));
      return image === before ? true : undefined;
    },
    { withinMs: 15_000, everyMs: 20 },
  );
  return Math.round(performance.now() - startedMs);
}

/** A merge patch replaces the list as a whole, as a careless hand would. */
function editedContainers(image: string) {
  return [{ name: 'checkout', image: `${image}-patched-by-hand` }];
}

function imageOf(object: unknown): string {
  // A Deployment as the cluster returned it.
  const deployment = object as
    | { spec?: { template?: { spec?: { containers?: { image?: string }[] } } } }
    | undefined;
  return deployment?.spec?.template?.spec?.containers?.[0]?.image ?? '';
}

/** With one digit behind the point. */
export function secondsSince(startedMs: number): number {
  return Math.round((performance.now() - startedMs) / 100) / 10;
}
