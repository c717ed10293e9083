import { manualClock } from '@flotilla/shared/kit/manual-clock';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KubePort, KubeSelection } from '../../kube-port.ts';
import { startSimulatedCluster } from './simulated-cluster.ts';

const configMaps = { group: '', version: 'v1', kind: 'ConfigMap' };
const signal = AbortSignal.timeout(60_000);
const options = { fieldManager: 'me', force: true, dryRun: false, fieldValidation: 'Strict' } as const;

interface Step {
  readonly what: 'apply' | 'delete';
  readonly name: string;
  readonly label: string | undefined;
  readonly data: string;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom<Step['what'][]>('apply', 'apply', 'delete'),
    name: fc.constantFrom('a', 'b', 'c'),
    label: fc.constantFrom('red', 'blue', undefined),
    data: fc.constantFrom('1', '2'),
  }),
  { maxLength: 20 },
);

async function perform(port: KubePort, step: Step): Promise<void> {
  const ref = { ...configMaps, namespace: 'default', name: step.name };
  if (step.what === 'apply') {
    const labels = step.label === undefined ? {} : { labels: { color: step.label } };
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: step.name, namespace: 'default', ...labels },
    };
    await port.apply({ ...object, data: { value: step.data } }, options, signal);
    return;
  }
  const live = await port.get(ref, signal);
  if (live === undefined) return;
  const uid = live.metadata.uid ?? '';
  await port.delete(
    ref,
    { uid, resourceVersion: undefined, propagation: 'Background', dryRun: false },
    signal,
  );
}

/** What a reader holds who started from a list and followed a watch. */
async function follow(port: KubePort, selection: KubeSelection, run: () => Promise<void>) {
  const start = await port.list(selection, signal);
  const held = new Map(start.items.map((object) => [object.metadata.name, object]));
  await run();
  const stop = new AbortController();
  const watch = port.watch(selection, start.resourceVersion, AbortSignal.any([stop.signal, signal]));
  const reader = (async () => {
    for await (const event of watch) {
      if (event.kind === 'bookmark') continue;
      const { name } = event.object.metadata;
      if (event.kind === 'deleted') held.delete(name);
      else held.set(name, event.object);
    }
  })().catch(() => {});
  // Everything has happened already: the watch needs no time, only its turn.
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await reader;
  return held;
}

it('gives whoever lists and then watches the same objects as whoever lists later', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      steps,
      fc.constantFrom(undefined, 'color', 'color=red'),
      async (before, after, labelSelector) => {
        const cluster = startSimulatedCluster({ clock: manualClock(), controllers: false });
        const port = cluster.portAs('me');
        const selection = {
          kind: configMaps,
          namespace: 'default',
          ...(labelSelector === undefined ? {} : { labelSelector }),
        };
        for (const step of before) await perform(port, step);

        const held = await follow(port, selection, async () => {
          for (const step of after) await perform(port, step);
        });

        const later = await port.list(selection, signal);
        expect(
          [...held.values()].sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1)),
        ).toEqual(later.items);
        await cluster.close();
      },
    ),
    { numRuns: 60 },
  );
});
