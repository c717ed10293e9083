import type { Release } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { type ResolvedPlacement, resolvePlacements } from '../placement/index.ts';
import { cluster, placementDocument, specFrom } from '../placement/placement-fixture.ts';
import { releaseOf } from './release.ts';
import { sourceOf, textsOf } from './release-fixture.ts';
import { variantFor, variantsFor } from './variant.ts';

interface Files {
  readonly [path: string]: string;
}

function resolved(more = '', ...documents: readonly string[]): ResolvedPlacement {
  const text = placementDocument('shop', '{matchLabels: {env: prod}}', more);
  return resolvePlacements(specFrom(text, ...documents), []).placements[0]!;
}

function release(files: Files, more = '', commit = 1): Release {
  const step = releaseOf(resolved(more), sourceOf(files, commit), textsOf(files));
  if (step.kind !== 'done') throw new Error(JSON.stringify(step));
  return step.release;
}

const plain: Files = { 'apps/shop/web.yaml': 'kind: Deployment', 'README.md': 'hello' };
describe('a variant', () => {
  const files: Files = { ...plain, 'apps/shop/eu/web.yaml': 'kind: StatefulSet' };
  const overrides = `  render: {helm: {values: {replicas: 1, host: {name: a, port: 80}}}}
  overrides:
  - clusters: {matchLabels: {region: eu}}
    overlay: apps/shop/eu
    values: {replicas: 3, host: {name: "\${cluster.name}.eu"}}
  - clusters: {names: [eu-2]}
    values: {replicas: null}
    patches: [{target: {kind: Service}, patch: {metadata: {labels: {zone: "\${cluster.labels.zone}"}}}}]
`;

  it('is the base for clusters without overrides, one object for all of them', () => {
    const made = variantsFor(release(files, overrides), [cluster('us-1'), cluster('us-2')]);
    expect(made.variants.size).toBe(1);
    expect(new Set(made.targets.values()).size).toBe(1);
  });

  it('takes every override that matches, in order', () => {
    const variant = variantFor(release(files, overrides), cluster('eu-2', { region: 'eu', zone: 'a' }));
    expect(variant).toMatchObject({
      ok: true,
      value: {
        content: { trees: [{ path: 'apps/shop/eu' }] },
        render: {
          helm: { valuesJson: '{"host":{"name":"eu-2.eu","port":80},"replicas":null}' },
          patches: [{ kind: 'merge', patchJson: '{"metadata":{"labels":{"zone":"a"}}}' }],
        },
      },
    });
  });

  it('is missing, by name, for a cluster without the label that it needs', () => {
    const made = variantsFor(release(files, overrides), [cluster('eu-2', { region: 'eu' }), cluster('us-1')]);
    expect(made.targets.size).toBe(1);
    expect([...made.blocked.values()]).toEqual([
      {
        code: 'VariableMissing',
        subject: 'eu-2',
        text: 'eu-2 has no value for ${cluster.labels.zone}; set the label or exclude the cluster',
      },
    ]);
  });

  it('differs only where an override differs', () => {
    const without = variantsFor(release(files, ''), [cluster('us-1')]);
    const patch = `  overrides:
  - clusters: {names: [eu-1]}
    patches: [{target: {kind: Service}, patch: [{op: remove, path: /spec/x}]}]
`;
    const withPatch = variantsFor(release(files, patch), [cluster('us-1'), cluster('eu-1')]);
    expect([...withPatch.targets.values()][0]).toBe([...without.targets.values()][0]);
    expect(withPatch.variants.size).toBe(2);
  });

  it('is another one for each cluster when a variable is in it', () => {
    const more = `  render: {variables: {host: "\${cluster.name}.example.org"}}\n`;
    const made = variantsFor(release(files, more), [cluster('us-1'), cluster('us-2')]);
    expect([...made.variants.values()].map((one) => one.render.variables)).toEqual([
      { host: 'us-1.example.org' },
      { host: 'us-2.example.org' },
    ]);
  });

  it('needs no label that only two dollars speak of', () => {
    const more = `  render: {variables: {kept: "$\${cluster.labels.none}"}}\n`;
    const variant = variantFor(release(files, more), cluster('eu-1'));
    expect(variant.ok && variant.value.render.variables).toEqual({ kept: '${cluster.labels.none}' });
  });

  it('keeps what two dollars protect, and puts no label value outside of its text', () => {
    const more = `  render: {variables: {kept: "$\${cluster.name}", made: "<\${cluster.labels.l}>"}}\n`;
    const variant = variantFor(release(files, more), cluster('eu-1', { l: '"}{' }));
    expect(variant.ok && variant.value.render.variables).toEqual({ kept: '${cluster.name}', made: '<"}{>' });
    const values = `  render: {helm: {values: {a: "\${cluster.labels.l}"}}}\n`;
    const inValues = variantFor(release(files, values), cluster('eu-1', { l: '","b":"c' }));
    expect(inValues.ok && JSON.parse(inValues.value.render.helm?.valuesJson ?? '')).toEqual({
      a: '","b":"c',
    });
  });
});

describe('an override by facts', () => {
  const files: Files = { ...plain, 'apps/shop/new/web.yaml': 'kind: StatefulSet' };
  const byFacts = `  overrides:
  - clusters: {cel: "facts.kubernetes >= semver('1.29')"}
    overlay: apps/shop/new
`;
  function eu(kubernetes: string | undefined, isFresh = true) {
    const values = { agent: '', isSimulated: false, kubernetes: kubernetes ?? '', more: {}, nodes: 1 };
    return cluster('eu-1', {}, { facts: kubernetes === undefined ? undefined : { isFresh, values } });
  }

  it.each([
    ['v1.29.3', true, 'apps/shop/new'],
    ['v1.29.3', false, 'apps/shop/new'],
    ['v1.28.1', true, 'apps/shop'],
  ])('goes by the facts known last: %s, fresh: %s', (kubernetes, isFresh, path) => {
    const variant = variantFor(release(files, byFacts), eu(kubernetes, isFresh));
    expect(variant).toMatchObject({ ok: true, value: { content: { trees: [{ path }] } } });
  });

  it.each([
    [undefined, 'it has reported no facts yet'],
    ['', 'field not found: kubernetes'],
  ])('leaves a cluster of which nobody knows as it is: %j', (kubernetes, why) => {
    const made = variantsFor(release(files, byFacts), [eu(kubernetes)]);
    expect(made.targets.size).toBe(0);
    expect([...made.blocked.values()]).toEqual([
      { code: 'CelNoAnswer', subject: 'eu-1', text: expect.stringContaining(why) },
    ]);
  });
});
