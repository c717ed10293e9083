import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../source-object.ts';
import { judgeHooks } from './hooks.ts';

const sourceOf = (name: string, hook?: string) => {
  const annotations = hook === undefined ? {} : { 'helm.sh/hook': hook };
  const object: KubeObject = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, annotations } };
  return { object, origin: { path: `web/templates/${name}.yaml`, document: 1 } };
};

describe('hooks of a chart', () => {
  it('that are tests are left out and named', () => {
    const reading = judgeHooks([
      sourceOf('web'),
      sourceOf('t1', 'test'),
      sourceOf('t2', 'test-success, test-failure'),
    ]);
    expect(reading.objects.map(({ object }) => object.metadata.name)).toEqual(['web']);
    expect(reading.leftOut).toEqual([expect.stringContaining('t1'), expect.stringContaining('t2')]);
    expect(reading.problems).toEqual([]);
  });

  it.each([
    'pre-delete',
    'pre-install,post-install',
    'pre-install,pre-delete',
    'post-rollback',
    'test,pre-install',
    'what-comes-next',
  ])('of %s are refused by name, with the ways out', (hook) => {
    const { problems, leftOut } = judgeHooks([sourceOf('web'), sourceOf('migrate', hook)]);
    expect(leftOut).toEqual([]);
    expect(problems.map(formatProblem)).toEqual([
      expect.stringMatching(
        /^web\/templates\/migrate.yaml:1: .*migrate is a hook of the chart \(.*helm\.sh\/hook away by a patch/,
      ),
    ]);
  });

  it('of installs and upgrades are kept, and so is what says nothing', () => {
    expect(
      judgeHooks([
        sourceOf('a', ''),
        sourceOf('b', 'crd-install'),
        sourceOf('c', 'pre-install'),
        sourceOf('d', 'post-install,post-upgrade'),
      ]).objects,
    ).toHaveLength(4);
  });
});
