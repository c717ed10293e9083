import type { ClusterUid } from '@flotilla/shared/base';
import type { Cluster, ClusterFacts } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CelReader } from './cel-reader.ts';
import { mayMatch } from './match.ts';
import { cluster, placementDocument, specFrom } from './placement-fixture.ts';
import { resolvePlacements } from './resolve.ts';
import type { PreviousMatch, ResolvedPlacement } from './resolved.ts';
import { excludedBy } from './why-not.ts';

const newEnough = `facts.kubernetes >= semver('1.29')`;
const rule = `{matchLabels: {env: prod}, cel: "${newEnough}"}`;
const nobody: PreviousMatch = { running: new Set(), planned: new Set() };

function facts(kubernetes: string, isFresh = true): ClusterFacts {
  return { isFresh, values: { agent: '0.1.0', isSimulated: false, kubernetes, more: {}, nodes: 3 } };
}

function one(known: ClusterFacts | undefined, env = 'prod', name = 'eu-1'): Cluster {
  return cluster(name, { env }, { facts: known });
}

function uids(...names: readonly string[]): ReadonlySet<ClusterUid> {
  return new Set(names.map((name) => cluster(name).uid));
}

function resolved(clusters: readonly Cluster[], previous = nobody, selector = rule): ResolvedPlacement {
  return resolvePlacements(specFrom(placementDocument('shop', selector)), clusters, () => previous)
    .placements[0]!;
}

/** taken, kept (nobody knows), asked (a person is), or the code of the reason why not. */
function fate(candidate: Cluster, previous = nobody, selector = rule): string | undefined {
  const placement = resolved([candidate], previous, selector);
  const kept = placement.kept.get(candidate.uid);
  if (kept !== undefined) return kept.asks ? 'asked' : 'kept';
  return placement.matched.length > 0 ? 'taken' : excludedBy(placement, candidate)?.reasons[0]?.code;
}

describe('a rule that looks at facts', () => {
  const running: PreviousMatch = { running: uids('eu-1'), planned: new Set() };
  const planned: PreviousMatch = { running: new Set(), planned: uids('eu-1') };

  it.each([
    ['fresh facts that say yes', facts('v1.29.3'), ['taken', 'taken', 'taken']],
    ['fresh facts that say no', facts('v1.28.9'), ['CelFalse', 'CelFalse', 'asked']],
    ['fresh facts without an answer', facts(''), ['CelNoAnswer', 'CelNoAnswer', 'asked']],
    ['stale facts, though they say yes', facts('v1.29.3', false), ['FactsStale', 'kept', 'kept']],
    ['stale facts that say no', facts('v1.28.9', false), ['FactsStale', 'kept', 'kept']],
    ['no facts at all', undefined, ['FactsUnknown', 'kept', 'kept']],
  ])('with %s', (_name, known, fates) => {
    expect([nobody, planned, running].map((previous) => fate(one(known), previous))).toEqual(fates);
  });

  it('lets a person take it away by labels and taints, whatever facts say', () => {
    for (const known of [facts('v1.29.3'), facts('v1.28.9'), undefined]) {
      expect(fate(one(known, 'test'), running)).toBe('LabelDiffers');
      const tainted = { ...one(known), taints: [{ key: 'gpu', value: '' }] };
      expect(['Tainted', 'CelFalse', 'FactsUnknown']).toContain(fate(tainted, running));
      expect(resolved([tainted], running).matched).toEqual([]);
    }
  });

  it('says what facts say, and what there is instead', () => {
    const low = one(facts('v1.28.9'));
    expect(excludedBy(resolved([low]), low)?.reasons).toEqual([
      {
        code: 'CelFalse',
        subject: 'eu-1',
        text: `cel ${JSON.stringify(newEnough)} is false for eu-1 with kubernetes v1.28.9, 3 nodes`,
        change: 'change cel, or what it asks for',
      },
    ]);
  });

  it('never takes facts for labels', () => {
    const liar = one({ isFresh: true, values: { ...facts('').values, more: { env: 'prod' } } }, 'test');
    expect(fate(liar, nobody, '{matchLabels: {env: prod}}')).toBe('LabelDiffers');
    expect(fate(liar, nobody, `{cel: "labels.env == 'prod'"}`)).toBe('CelFalse');
  });

  it('is as careful when the expression stands in a group', () => {
    const group = `kind: ClusterGroup\nmetadata: {name: new}\nspec: {clusters: {cel: "${newEnough}"}}`;
    const spec = specFrom(placementDocument('shop', '{group: new}'), group);
    const [placement] = resolvePlacements(spec, [one(facts('v1.28.9'))], () => running).placements;
    expect(placement?.kept.get(cluster('eu-1').uid)?.asks).toBe(true);
  });

  it('keeps in a pick who runs it', () => {
    const clusters = [one(facts('v1.28.9')), one(facts('v1.29.3'), 'prod', 'eu-2')];
    const picking = `{matchLabels: {env: prod}, cel: "${newEnough}", pick: {count: 1}}`;
    const placement = resolved(clusters, running, picking);
    expect(placement.matched.map(({ name }) => name)).toEqual(['eu-1']);
  });

  const anyFacts = fc.option(
    fc
      .tuple(fc.constantFrom('v1.28.9', 'v1.29.3', ''), fc.boolean())
      .map(([version, isFresh]) => facts(version, isFresh)),
    { nil: undefined },
  );
  const names = ['eu-1', 'eu-2', 'eu-3'];
  const fleet = fc.tuple(
    ...names.map((name) =>
      fc
        .tuple(anyFacts, fc.constantFrom('prod', 'prod', 'test'))
        .map(([known, env]) => one(known, env, name)),
    ),
  );
  const previous = fc.record({
    running: fc.subarray(names).map((some) => uids(...some)),
    planned: fc.subarray(names).map((some) => uids(...some)),
  });

  it('I18: facts alone take it from nobody who runs it, and give it to nobody unless they are fresh and say yes', () => {
    fc.assert(
      fc.property(fleet, previous, (clusters, before) => {
        const { kept, matched } = resolved(clusters, before);
        for (const candidate of clusters) {
          const isMatched = matched.includes(candidate);
          const says = candidate.facts?.isFresh === true && candidate.facts.values.kubernetes === 'v1.29.3';
          const isWanted = candidate.labels['env'] === 'prod';
          if (!isWanted) expect(isMatched).toBe(false);
          else if (before.running.has(candidate.uid)) expect(isMatched).toBe(true);
          else if (says) expect(isMatched).toBe(true);
          else if (isMatched)
            expect(before.planned.has(candidate.uid) && candidate.facts?.isFresh !== true).toBe(true);
          expect(kept.has(candidate.uid)).toBe(isMatched && !says);
        }
      }),
    );
  });

  it('comes to the same from an earlier resolution as anew, and leaves rules without facts alone', () => {
    const spec = specFrom(
      placementDocument('plain', '{matchLabels: {env: prod}}'),
      placementDocument('shop', rule),
    );
    const changes = fc.tuple(...names.map(() => anyFacts));
    fc.assert(
      fc.property(fleet, changes, previous, previous, (first, known, before, after) => {
        const second = first.map((candidate, index) => ({ ...candidate, facts: known[index] }));
        const earlier = resolvePlacements(spec, first, () => before);
        const later = resolvePlacements(spec, second, () => after, earlier);
        const [plain, shop] = resolvePlacements(spec, second, () => after).placements;
        const uidsOf = (some: ResolvedPlacement | undefined) => some?.matched.map(({ uid }) => uid);
        expect(later.placements[1]).toEqual(shop);
        expect(uidsOf(later.placements[0])).toEqual(uidsOf(plain));
        expect(later.placements[0]).toBe(earlier.placements[0]);
      }),
    );
  });

  it('a rule that holds something back counts those whom nobody knows', () => {
    const selector = resolved([], nobody, rule).selector;
    const may = (known: ClusterFacts | undefined) => mayMatch(selector, one(known), new CelReader());
    expect([facts('v1.29.3'), facts(''), undefined, facts('v1.28.9', false)].map(may)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
