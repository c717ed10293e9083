import { describe, expect, it } from 'vitest';
import {
  configMap,
  deployment,
  edit,
  eventually,
  hold,
  never,
  openStage,
  ref,
  rowFor,
  type Stage,
  startIn,
  untilState,
  web,
} from './engine-world-fixture.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const settings = { ...ref('ConfigMap', 'settings'), namespace: 'shop' };

/** What `kubectl apply` without `--server-side` leaves behind. */
async function applyOnClient(
  { person }: Stage,
  object: { readonly apiVersion: string; readonly kind: string; readonly [field: string]: unknown },
): Promise<void> {
  const named = { namespace: 'shop', name: object.kind === 'ConfigMap' ? 'settings' : 'web' };
  const annotations = {
    [lastApplied]: JSON.stringify({ ...object, metadata: { ...named, annotations: {} } }),
  };
  await person.create(
    { ...object, metadata: { ...named, annotations } },
    { fieldManager: 'kubectl-client-side-apply', dryRun: false },
    never,
  );
}

const onClient = (data: { readonly [key: string]: string }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  data,
});
const files = { 'a.yaml': configMap('settings', '1') };

async function openShop(): Promise<Stage> {
  const stage = openStage();
  const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  await stage.person.create(shop, { fieldManager: 'kubectl-create', dryRun: false }, never);
  return stage;
}

describe('objects that kubectl applied on the client', () => {
  it('are taken over with what kubectl owned: what is taken out of Git later goes from the cluster', async () => {
    await using stage = await openShop();
    const { world, agent } = stage;
    await applyOnClient(stage, onClient({ value: '1' }));
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files }));
    await untilState(engine, 'shop', 'Ready');
    const taken = await agent.get(settings, never);
    expect(taken?.metadata.managedFields?.map((entry) => entry.manager)).toEqual(['flotilla']);
    expect(taken?.metadata.annotations?.[lastApplied]).toBeUndefined();

    const other = { 'a.yaml': configMap('settings', '1').replace('value:', 'renamed:') };
    const next = rowFor(world, { files: other });
    await hold(world, next);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.appliedVariantDigest === next.variant.digest,
    );
    expect((await agent.get(settings, never))?.['data']).toEqual({ renamed: '1' });
  });

  it('differ when kubectl stated what Git does not, and always takes that away', async () => {
    await using stage = await openShop();
    const { world, agent } = stage;
    await applyOnClient(stage, onClient({ value: '1', extra: 'x' }));
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files }));
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled).toMatchObject({
      reason: 'TakeOverDiffers',
      text: expect.stringContaining('(managed by kubectl-client-side-apply) and differs at .data.extra:'),
    });
    expect((await agent.get(settings, never))?.['data']).toEqual({ value: '1', extra: 'x' });

    await hold(world, rowFor(world, { files, apply: { takeOver: 'always' } }));
    await untilState(engine, 'shop', 'Ready');
    expect((await agent.get(settings, never))?.['data']).toEqual({ value: '1' });
  });

  it('keep what is left to others at the value that kubectl gave it', async () => {
    await using stage = await openShop();
    const { world, agent, person } = stage;
    await applyOnClient(stage, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: {
        replicas: 4,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'web:1' }] },
        },
      },
    });
    await edit(person, web, { metadata: { annotations: { note: 'mine' } } });
    const ignore = [{ target: { kind: 'Deployment' }, pointers: ['/spec/replicas'] }];
    await using engine = startIn(world, agent);
    const wish = { files: { 'b.yaml': deployment('web', 'web:1', 1) } };
    await hold(world, rowFor(world, { ...wish, apply: { ignore, takeOver: 'always' } }));
    await untilState(engine, 'shop', 'Ready');
    const taken = await agent.get(web, never);
    expect(taken).toMatchObject({ spec: { replicas: 4 }, metadata: { annotations: { note: 'mine' } } });
    expect(taken?.metadata.managedFields?.map((entry) => entry.manager)).not.toContain(
      'kubectl-client-side-apply',
    );
  });
});
