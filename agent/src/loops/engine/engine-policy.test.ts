import { describe, expect, it } from 'vitest';
import type { LocalPolicy } from '../../core/index.ts';
import { policyWith } from '../../core/policy/policy-fixture.ts';
import type { Engine } from './engine.ts';
import {
  configMap,
  deployment,
  edit,
  eventually,
  hold,
  namespaceRef,
  never,
  openStage,
  ref,
  rowFor,
  type Stage,
  startIn,
  two,
  untilState,
  web,
  writesOf,
} from './engine-world-fixture.ts';

const settings = ref('ConfigMap', 'settings');

async function untilRefused(engine: Engine) {
  return await eventually(
    () => engine.reports()[0],
    (one) => one?.reason === 'PolicyRefused',
  );
}

/** `shop` runs; then the agent starts again with a policy, and a person changes an object. */
async function startStricter({ agent, person, world }: Stage, policy: LocalPolicy): Promise<Engine> {
  {
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
  }
  await edit(person, settings, { data: { value: 'by hand' } });
  return startIn(world, agent, { policy });
}

describe('the policy of the cluster', () => {
  it('refuses a set with an object that is not allowed, whole, with the file of both and the rule', async () => {
    await using stage = openStage();
    const { world } = stage;
    await using engine = startIn(world, stage.agent, { policy: policyWith({ kinds: ['ConfigMap'] }) });
    await hold(world, rowFor(world, { files: two }));
    const report = await untilRefused(engine);

    expect(report?.state).toBe('Stalled');
    expect(report?.text).toContain('app/b.yaml');
    expect(report?.text).toContain('Deployment shop/web is of a kind that is not taken');
    expect(report?.text).toContain('(kinds in policy.yaml)');
    expect(await stage.agent.get(settings, never)).toBeUndefined();
  });

  it('lets a set stay as it was when its next content is refused', async () => {
    await using stage = openStage();
    const { world } = stage;
    const policy = policyWith({ kinds: ['ConfigMap', 'Deployment.apps'] });
    await using engine = startIn(world, stage.agent, { policy });
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: key}\n';
    await hold(world, rowFor(world, { files: { 'a.yaml': configMap('settings', '2'), 's.yaml': secret } }));
    await untilRefused(engine);

    expect((await stage.agent.get(settings, never))?.['data']).toEqual({ value: '1' });
    expect(await stage.agent.get(web, never)).toBeDefined();
  });

  it('makes no namespace that it does not allow', async () => {
    await using stage = openStage();
    const { world } = stage;
    await using engine = startIn(world, stage.agent, { policy: policyWith({ namespaces: ['team-*'] }) });
    const files = {
      'n.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: team-a}\n',
      'c.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: team-a}\n',
    };
    await hold(world, rowFor(world, { files, apply: { createNamespace: true } }));
    await untilState(engine, 'shop', 'Ready');

    expect(await stage.agent.get(namespaceRef('team-a'), never)).toBeDefined();
    expect(await stage.agent.get(namespaceRef('shop'), never)).toBeUndefined();
  });

  it.each([
    [
      'a repository',
      policyWith({
        repositories: [{ url: 'https://git.example.org/other', paths: undefined, signers: undefined }],
      }),
    ],
    ['a namespace', policyWith({ namespaces: ['elsewhere'] })],
  ])(
    'that does not allow %s any more stops what is held: nothing is written, and nothing deleted',
    async (_what, policy) => {
      await using stage = openStage();
      await using engine = await startStricter(stage, policy);
      const report = await untilRefused(engine);
      const writes = writesOf(stage.cluster);
      engine.reconcileNow();
      await untilRefused(engine);

      expect(report?.state).toBe('Stalled');
      expect(report?.text).toContain('in policy.yaml)');
      expect(writesOf(stage.cluster)).toEqual(writes);
      expect((await stage.agent.get(settings, never))?.['data']).toEqual({ value: 'by hand' });
      expect(await stage.agent.get(web, never)).toBeDefined();
    },
  );

  it('bounds deletes above what the placement allows', async () => {
    await using stage = openStage();
    const { world } = stage;
    await using engine = startIn(world, stage.agent, { policy: policyWith({ deletesMax: 0 }) });
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    await hold(world, rowFor(world, { files: { 'b.yaml': deployment('web', 'web:1') } }));
    const held = await eventually(
      () => engine.reports()[0],
      (one) => one?.heldPrune !== undefined,
    );

    expect(held?.text).toContain(
      '1 deletes: the policy of this cluster allows 0 (deletesMax in policy.yaml)',
    );
    expect(await stage.agent.get(settings, never)).toBeDefined();
  });
});
