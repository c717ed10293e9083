import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ResolvedPlacement, resolvePlacements } from '../placement/index.ts';
import { cluster, placementDocument, specFrom } from '../placement/placement-fixture.ts';
import { releaseOf } from './release.ts';
import { sourceOf, textsOf } from './release-fixture.ts';
import { type MadeVariants, variantsFor } from './variant.ts';

type Files = { readonly [path: string]: string };

/** What a file may hold: kustomizations that lead elsewhere, to and fro, nowhere and out; a link; anything. */
const content = fc.constantFrom(
  'resources: [web.yaml]',
  'resources: [../base]',
  'resources: [../base, ../../../lib/tuned]',
  'resources: [web.yaml, ../../../lib/other.yaml]',
  'components: [../../../lib/tuned]',
  'patches: [{path: ../../../lib/tuned/patch.yaml}]',
  'resources: [https://example.com/x]',
  'resources: [../missing]',
  '->../base/web.yaml',
  'kind: Job',
  'kind: Deployment',
);
const path = fc.constantFrom(
  'README.md',
  'apps/shop/base/kustomization.yaml',
  'apps/shop/base/web.yaml',
  'apps/shop/eu/kustomization.yaml',
  'apps/shop/eu/web.yaml',
  'apps/shop/us/kustomization.yaml',
  'lib/tuned/kustomization.yml',
  'lib/tuned/patch.yaml',
  'lib/other.yaml',
);
const edits = fc.array(fc.tuple(path, fc.option(content, { nil: undefined })), { maxLength: 4 });

const sound: Files = {
  'README.md': 'hello',
  'apps/shop/base/kustomization.yaml': 'resources: [web.yaml]',
  'apps/shop/base/web.yaml': 'kind: Deployment',
  'apps/shop/eu/kustomization.yaml': 'resources: [../base, ../../../lib/tuned]',
  'apps/shop/us/kustomization.yaml': 'resources: [../base]',
  'lib/tuned/kustomization.yml': 'patches: [{path: patch.yaml}]',
  'lib/tuned/patch.yaml': 'x',
  'lib/other.yaml': 'y',
};

function edited(files: Files, changes: readonly (readonly [string, string | undefined])[]): Files {
  const after = new Map(Object.entries(files));
  for (const [at, text] of changes) {
    if (text === undefined) after.delete(at);
    else after.set(at, text);
  }
  return Object.fromEntries(after);
}

const mores = [
  '',
  '  overrides: [{clusters: {matchLabels: {region: us}}, overlay: apps/shop/us}]\n',
  '  overrides: [{clusters: {names: [eu-1]}, values: {host: "${cluster.name}"}}]\n',
];
const clusters = [cluster('eu-1', { region: 'eu' }), cluster('us-1', { region: 'us' }), cluster('us-2')];

function placementWith(more: string): ResolvedPlacement {
  const text = placementDocument('shop', '{names: [eu-1, us-1, us-2]}', more).replace(
    '{path: apps/shop}',
    '{path: apps/shop/eu, includes: [apps/shop/base]}',
  );
  const [placement] = resolvePlacements(specFrom(text), clusters).placements;
  if (placement === undefined || placement.errors.length > 0) throw new Error('a sound placement');
  return placement;
}

it('what a commit does not touch is at it what a whole look finds there, and so is what it touches', () => {
  const count = { again: 0, other: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...mores), edits, edits, fc.boolean(), (more, first, then, isMoved) => {
      const placement = placementWith(more);
      const files = edited(sound, first);
      const before = releaseOf(placement, sourceOf(files), textsOf(files));
      if (before.kind !== 'done') return;
      const after = edited(files, then);
      const source = { ...sourceOf(after, 2), ...(isMoved && { repositoryUrl: 'https://elsewhere' }) };
      const now = releaseOf(placement, source, textsOf(after), { placement, release: before.release });

      expect(now).toEqual(releaseOf(placement, source, textsOf(after)));
      if (now.kind === 'done' && now.release.digest === before.release.digest) count.again += 1;
      else count.other += 1;
    }),
    { numRuns: 500 },
  );
  expect(Math.min(count.again, count.other)).toBeGreaterThan(20);
});

it('the variants of a release with the digest of an earlier one are those that a whole look makes', () => {
  fc.assert(
    fc.property(fc.constantFrom(...mores), fc.constantFrom('3m', '5m'), (more, deadline) => {
      const { matched } = placementWith(more);
      const releaseAt = (commit: number, at: string) => {
        const placement = placementWith(`${more}  health: {deadline: ${at}}\n`);
        const step = releaseOf(placement, sourceOf(sound, commit), textsOf(sound));
        if (step.kind !== 'done') throw new Error(JSON.stringify(step));
        return step.release;
      };
      const release = releaseAt(1, '3m');
      const before: MadeVariants = { release, clusters: matched, ...variantsFor(release, matched) };
      const next = releaseAt(2, deadline);

      expect(next.digest).toBe(release.digest);
      expect(variantsFor(next, matched, before)).toEqual(variantsFor(next, matched));
    }),
  );
});
