import { describe, expect, it } from 'vitest';
import { cluster } from '../placement/placement-fixture.ts';
import { documentText, type Files, planOf, shop } from './preview-fixture.ts';

const prod = '{matchLabels: {env: prod}}';
const fleet = Array.from({ length: 10 }, (_, index) =>
  cluster(`c-${index}`, { env: 'prod', region: index < 3 ? 'eu' : 'us' }),
);
const base: Files = { 'shop.yaml': shop(prod), 'apps/shop/a.yaml': 'a: 1', 'apps/shop/b.yaml': 'b: 1' };

describe('a plan', () => {
  it('is empty for what changes nothing, be it a comment or a test', () => {
    const test = documentText(
      'kind: PlacementTest\nmetadata: {name: t}\nspec: {clusters: [{name: a}], expect: [{placement: shop, notPlaced: [a]}]}',
    );
    const after = {
      ...base,
      'shop.yaml': `# why\n${base['shop.yaml']}`,
      'README.md': 'x',
      'test.yaml': test,
    };
    expect(planOf(base, after, fleet)).toMatchObject({
      placements: [],
      unchanged: 1,
      errors: [],
      conflicts: [],
    });
  });

  it('of new content names the files, the waves with their clusters, and how long they take', () => {
    const plan = planOf(base, { ...base, 'apps/shop/a.yaml': 'a: 2', 'apps/shop/c.yaml': 'c' }, fleet);
    expect(plan.placements).toHaveLength(1);
    const [one] = plan.placements;
    expect(one).toMatchObject({
      placement: 'shop',
      change: 'changed',
      definedAt: 'shop.yaml:1',
      added: { count: 0 },
      removed: { count: 0 },
      changed: { count: 10 },
      approvals: [],
    });
    expect(one?.variants).toHaveLength(1);
    expect(one?.variants[0]?.parts).toEqual(['content']);
    expect(one?.variants[0]?.files.map(({ before, path }) => [path, before === undefined])).toEqual([
      ['apps/shop/a.yaml', false],
      ['apps/shop/c.yaml', true],
    ]);
    const [rollout] = one?.rollouts ?? [];
    expect(rollout).toMatchObject({ kind: 'update', strategy: 'default', clusters: 10 });
    expect(rollout?.waves.map(({ clusters, stage }) => `${stage} ${clusters.count}`)).toEqual([
      'canary 1',
      'rest 1',
      'rest 2',
      'rest 2',
      'rest 2',
      'rest 2',
    ]);
    expect(rollout?.waves.flatMap(({ clusters }) => clusters.names).sort()).toEqual(
      fleet.map(({ name }) => name),
    );
    const soaksMs = 600_000 + 300_000 * ((rollout?.waves.length ?? 0) - 1);
    const deadlinesMs = 600_000 * (rollout?.waves.length ?? 0);
    expect(rollout?.duration).toEqual({ atLeastMs: soaksMs, atMostMs: soaksMs + deadlinesMs });
  });

  it('of an override rolls exactly its clusters, and groups those of equal digests', () => {
    const override =
      '  render: {helm: {}}\n  overrides:\n  - {clusters: {matchLabels: {region: eu}}, values: {replicas: 3}}\n';
    const before = { ...base, 'shop.yaml': shop(prod, '  render: {helm: {}}\n') };
    const [one] = planOf(before, { ...base, 'shop.yaml': shop(prod, override) }, fleet).placements;
    expect(one?.changed).toEqual({ count: 3, names: ['c-0', 'c-1', 'c-2'] });
    expect(one?.unchanged).toBe(7);
    expect(one?.variants).toMatchObject([{ clusters: { count: 3 }, parts: ['render.helm'], files: [] }]);
    expect(one?.rollouts[0]?.clusters).toBe(3);
  });

  it('of a wider rule names who joins; of a narrower one who leaves, and that a person is asked for many', () => {
    const few = { ...base, 'shop.yaml': shop('{matchLabels: {region: eu}}') };
    const [wider] = planOf(few, base, fleet).placements;
    expect(wider).toMatchObject({ added: { count: 7 }, removed: { count: 0 } });
    expect(wider?.rollouts).toMatchObject([{ kind: 'expand', clusters: 7 }]);
    const [narrower] = planOf(base, few, fleet).placements;
    expect(narrower).toMatchObject({ removed: { count: 7 }, rollouts: [] });
    expect(narrower?.approvals).toMatchObject([{ code: 'WithdrawHeld' }]);
    expect(narrower?.approvals[0]?.text).toContain('from 7 clusters, more than the 1 that may leave at once');
    const [one] = planOf(
      base,
      { ...base, 'shop.yaml': shop('{matchLabels: {env: prod}, exclude: [c-9]}') },
      fleet,
    ).placements;
    expect(one).toMatchObject({
      removed: { names: ['c-9'] },
      approvals: [],
      rollouts: [{ kind: 'withdraw' }],
    });
  });

  it('of a placement whose objects another one takes over waits for that where it is meant for, and removes elsewhere', () => {
    const eu = '{matchLabels: {region: eu}}';
    const narrow = { ...base, 'shop.yaml': shop('{names: [c-3, c-4]}') };
    const only = fleet.slice(0, 5);
    const cart = (selector: string) => shop(selector, '  takeOverFrom: shop\n', 'cart');
    const rollout = '  rollout: {strategy: all-at-once}\n';
    const policy = documentText('kind: FleetPolicy\nmetadata: {name: p}\nspec: {maxWithdraw: 100%}');
    const before = { ...base, 'p.yaml': policy, 'shop.yaml': shop(prod, rollout) };

    const all = planOf(before, { ...narrow, 'p.yaml': policy, 'cart.yaml': cart(eu) }, only);
    const leaving = all.placements.find(({ placement }) => placement === 'shop');
    expect(leaving).toMatchObject({ removed: { count: 3 }, rollouts: [], approvals: [] });
    expect(leaving?.waits.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      'WaitsForTakeOver cart',
    ]);

    const some = planOf(before, { ...narrow, 'p.yaml': policy, 'cart.yaml': cart('{names: [c-0]}') }, only);
    const rest = some.placements.find(({ placement }) => placement === 'shop');
    expect(rest?.rollouts).toMatchObject([{ kind: 'withdraw', clusters: 2 }]);

    const taken = { ...before, 'cart.yaml': cart(eu) };
    const later = planOf(taken, { ...narrow, 'p.yaml': policy, 'cart.yaml': cart(eu) }, only);
    expect(later.placements.find(({ placement }) => placement === 'shop')?.rollouts).toMatchObject([
      { kind: 'withdraw', clusters: 3 },
    ]);
  });

  it('of a removed file withdraws, unless another file cannot be read: absence never deletes', () => {
    const gone: Files = { 'apps/shop/a.yaml': 'a: 1' };
    const [removed] = planOf(base, gone, fleet).placements;
    expect(removed).toMatchObject({ change: 'removed', removed: { count: 10 } });
    expect(removed?.approvals[0]?.code).toBe('WithdrawHeld');
    const broken = planOf(base, { ...gone, 'x.yaml': shop(prod, '  colour: blue\n', 'x') }, fleet);
    expect(broken.errors).toMatchObject([{ file: 'x.yaml', code: 'UNKNOWN_FIELD' }]);
    expect(broken.placements.find(({ placement }) => placement === 'shop')).toMatchObject({
      removed: { count: 0 },
      rollouts: [],
      unresolved: [{ code: 'RemovalWaits' }],
    });
  });

  it('of a rule with a mistake starts nothing and says why', () => {
    const [one] = planOf(
      base,
      { ...base, 'shop.yaml': shop(prod, '  rollout: {strategy: carefull}\n') },
      fleet,
    ).placements;
    expect(one).toMatchObject({
      rollouts: [],
      removed: { count: 0 },
      unresolved: [{ code: 'UNKNOWN_REFERENCE' }],
    });
  });

  it('names clusters that cannot get their variant, approvals of stages, and conflicts', () => {
    const more = '  rollout: {strategy: careful}\n  render: {variables: {SITE: "${cluster.labels.site}"}}\n';
    const after = { ...base, 'shop.yaml': shop(prod, more) };
    const clusters = fleet.map((one, index) =>
      index === 0 ? one : { ...one, labels: { ...one.labels, site: 'x' } },
    );
    const plan = planOf(base, after, clusters);
    expect(plan.placements[0]?.blocked).toMatchObject([
      { reason: { code: 'VariableMissing' }, clusters: { names: ['c-0'] } },
    ]);
    expect(plan.placements[0]?.removed.count).toBe(0);
    expect(plan.placements[0]?.approvals).toMatchObject([{ code: 'NeedsApproval' }]);
    const twice = {
      ...base,
      'twin.yaml': shop(prod, '', 'twin').replace('namespace: twin', 'namespace: shop'),
    };
    expect(planOf(base, twice, fleet).conflicts).toMatchObject([
      { placements: ['shop', 'twin'], path: 'apps/shop', clusters: { count: 10 } },
    ]);
  });

  it('names the change windows of the new state that are closed for its clusters', () => {
    const window = documentText(
      'kind: ChangeWindow\nmetadata: {name: freeze}\nspec: {mode: deny, clusters: {matchLabels: {region: eu}}, schedule: {cron: "0 0 1 1 *", duration: 360d}}',
    );
    const after = { ...base, 'apps/shop/a.yaml': 'a: 2', 'freeze.yaml': window };
    const [one] = planOf(base, after, fleet).placements;
    expect(one?.rollouts[0]?.windows).toMatchObject([
      { text: expect.stringContaining('change window freeze'), clusters: { names: ['c-0', 'c-1', 'c-2'] } },
    ]);
  });

  it('assumes that content of other repositories stays, and says so', () => {
    const source = documentText(
      'kind: Source\nmetadata: {name: apps}\nspec: {url: "https://git.example.org/a.git"}',
    );
    const other = shop(prod).replace('{path: apps/shop}', '{repo: apps, path: web}');
    const before = { ...base, 'source.yaml': source, 'shop.yaml': other };
    const plan = planOf(before, { ...before, 'apps/shop/a.yaml': 'changed' }, fleet);
    expect(plan.placements).toEqual([]);
    expect(plan.assumptions).toEqual([
      'the content of apps at its default branch stays as it is: it was not looked at',
    ]);
    const moved = { ...before, 'shop.yaml': other.replace('path: web', 'path: web2') };
    expect(planOf(before, moved, fleet).placements).toMatchObject([{ changed: { count: 10 } }]);
  });
});
