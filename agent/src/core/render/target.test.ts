import type { KubeObject, ObjectTarget } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { compileTarget, meansKind } from './target.ts';

const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop', namespace: 'web', labels: { tier: 'web' } },
};

function means(target: ObjectTarget, object = deployment): boolean {
  const compiled = compileTarget(target);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value(object);
}

describe('a target', () => {
  it.each<readonly [ObjectTarget, boolean]>([
    [{}, true],
    [{ group: 'apps', kind: 'Deployment' }, true],
    [{ group: '*', kind: 'Deployment' }, true],
    [{ group: '*', kind: 'Service' }, false],
    [{ group: 'batch' }, false],
    [{ version: 'v1', name: 'shop', namespace: 'web' }, true],
    [{ name: '*' }, false],
    [{ labelSelector: 'tier in (web, api)' }, true],
    [{ labelSelector: 'tier!=web' }, false],
  ])('%j means the Deployment: %s', (target, expected) => {
    expect(means(target)).toBe(expected);
  });

  it('of any group may mean kinds of the core and of others', () => {
    expect(meansKind({ group: '*' }, { group: '', kind: 'ConfigMap' })).toBe(true);
    expect(meansKind({ group: '*', kind: 'Job' }, { group: 'batch', kind: 'Job' })).toBe(true);
    expect(meansKind({ group: 'apps' }, { group: '', kind: 'ConfigMap' })).toBe(false);
  });
});
