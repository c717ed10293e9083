import { stableJson } from '@flotilla/shared/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cluster } from '../placement/placement-fixture.ts';
import { type Files, planOf, shop } from './preview-fixture.ts';

const prod = '{matchLabels: {env: prod}}';

describe('the same inputs', () => {
  const labels = fc.record({ env: fc.constantFrom('prod', 'test'), region: fc.constantFrom('eu', 'us') });
  const clustersOf = fc
    .array(labels, { minLength: 1, maxLength: 12 })
    .map((all) => all.map((one, index) => cluster(`c-${index}`, one)));
  const rules = fc.record({
    selector: fc.constantFrom(prod, '{matchLabels: {region: eu}}', '{names: [c-0, c-1], pick: {count: 1}}'),
    content: fc.constantFrom('a: 1', 'a: 2'),
    more: fc.constantFrom('', '  rollout: {strategy: fast}\n', '  priority: 3\n'),
  });
  const filesOf = (rule: {
    readonly selector: string;
    readonly content: string;
    readonly more: string;
  }): Files => ({
    'shop.yaml': shop(rule.selector, rule.more),
    'apps/shop/a.yaml': rule.content,
  });

  it('give the same plan, byte for byte, in whatever order clusters and files come', () => {
    fc.assert(
      fc.property(clustersOf, rules, rules, (clusters, before, after) => {
        const plan = planOf(filesOf(before), filesOf(after), clusters);
        const turned = (files: Files) => Object.fromEntries(Object.entries(files).reverse());
        const again = planOf(turned(filesOf(before)), turned(filesOf(after)), [...clusters].reverse());
        expect(JSON.stringify(again)).toBe(JSON.stringify(plan));
      }),
    );
  });

  it('and only they have its id', () => {
    fc.assert(
      fc.property(clustersOf, rules, rules, rules, (clusters, before, after, other) => {
        const one = planOf(filesOf(before), filesOf(after), clusters);
        const two = planOf(filesOf(before), filesOf(other), clusters);
        const { id: _one, ...outcome } = one;
        const { id: _two, ...otherOutcome } = two;
        expect(one.id === two.id).toBe(stableJson(outcome as never) === stableJson(otherOutcome as never));
      }),
    );
  });

  it('move exactly the clusters that change: every cluster is in one wave or none', () => {
    fc.assert(
      fc.property(clustersOf, rules, rules, (clusters, before, after) => {
        for (const plan of planOf(filesOf(before), filesOf(after), clusters).placements) {
          const moved = plan.rollouts
            .filter(({ kind }) => kind !== 'withdraw')
            .flatMap(({ waves }) => waves.flatMap((wave) => wave.clusters.names));
          const expected = [...plan.added.names, ...plan.changed.names].sort();
          expect(moved.sort()).toEqual(expected);
          const left = plan.rollouts
            .filter(({ kind }) => kind === 'withdraw')
            .flatMap(({ waves }) => waves.flatMap((wave) => wave.clusters.names));
          const isHeld = plan.approvals.some(({ code }) => code === 'WithdrawHeld');
          expect(left.sort()).toEqual(isHeld ? [] : plan.removed.names);
        }
      }),
    );
  });
});
