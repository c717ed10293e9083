import { formatLocated } from '@flotilla/hub/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ExamplePlacement, resolveExample } from './example-fleet.ts';
import { type ExampleRepository, exampleFolder, readExample } from './read-repository.ts';

describe('the example control repository', () => {
  let repository: ExampleRepository;
  let placements: readonly ExamplePlacement[];
  beforeAll(async () => {
    repository = await readExample(exampleFolder);
    placements = resolveExample(repository);
  });

  it('holds no mistake and nothing that cannot be done yet', () => {
    const mistakes = repository.parsed.flatMap((file) => file.errors);
    expect(mistakes.map(formatLocated)).toEqual([]);
    expect(placements.flatMap((one) => one.placement.errors.map(formatLocated))).toEqual([]);
  });

  it('gives every placement a release, and every matched cluster a variant', () => {
    for (const { placement, step, variants } of placements) {
      expect([placement.spec.name, step.kind]).toEqual([placement.spec.name, 'done']);
      expect(variants.targets.size).toBe(placement.matched.length);
    }
  });

  it('has at least eight applications, one of which matches no cluster', () => {
    expect(placements.length).toBeGreaterThanOrEqual(9);
    const nowhere = placements.filter((one) => one.placement.matched.length === 0);
    expect(nowhere.map((one) => one.placement.spec.name)).toEqual(['gpu-batch']);
  });

  it('has a base outside the path, and variants that differ by region', () => {
    const trees = placements.flatMap((one) =>
      [...one.variants.variants.values()].map((v) => v.content.trees),
    );
    expect(trees.some((list) => list.length > 1)).toBe(true);
    expect(placements.some((one) => one.variants.variants.size >= 3)).toBe(true);
  });

  it('uses a strategy of its own, visibly, with a soak of two seconds', () => {
    const strategies = new Map(placements.map(({ placement: { strategy } }) => [strategy?.name, strategy]));
    expect(strategies.get('demo')?.stages.map((stage) => stage.soakMs)).toEqual([2_000, 2_000]);
  });
});
