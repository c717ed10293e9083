import { readFileSync } from 'node:fs';
import { limits } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { applySet } from './applyset.ts';
import { assignmentCrd } from './assignment-crd.ts';
import { ownerAnnotation } from './names.ts';
import type { SetOwner } from './owner.ts';
import { parentObject, parentRef, readParent, withHandOver } from './parent.ts';

const parent = parentRef('Assignment', 'shop', 'flotilla-system');
const owner = ownerOf('h', 'c');

function ownerOf(hub: string, cluster: string): SetOwner {
  return {
    hubId: hub.repeat(26) as SetOwner['hubId'],
    clusterUid: cluster.repeat(26) as SetOwner['clusterUid'],
  };
}

describe('the parent', () => {
  const scope = { groupKinds: ['ConfigMap', 'Deployment.apps'], namespaces: ['shop'] };

  it('is read back with the scope it was written with', () => {
    for (const kind of ['Assignment', 'ConfigMap'] as const) {
      const own = parentRef(kind, 'shop', 'flotilla-system');
      const object = parentObject({ ref: own, scope, agentVersion: '0.1.0', owner, facts: undefined });
      expect(readParent(object, own, owner)).toEqual({ kind: 'ours', scope, isHandedOver: false });
    }
  });

  it('says that it was handed over also after this agent marked it', () => {
    const object = parentObject({ ref: parent, scope, agentVersion: '1', owner, facts: undefined });
    expect(readParent(withHandOver(object), parent, owner)).toMatchObject({ isHandedOver: true });
  });

  it('leaves its own namespace out of the annotation', () => {
    const own = parentRef('ConfigMap', 'shop', 'flotilla-system');
    const object = parentObject({
      ref: own,
      scope: { groupKinds: [], namespaces: ['flotilla-system', 'shop'] },
      agentVersion: '1',
      owner,
      facts: undefined,
    });
    expect(object.metadata.annotations).toMatchObject({
      [applySet.namespacesAnnotation]: 'shop',
      [applySet.groupKindsAnnotation]: '',
    });
  });

  it('is refused with another tool or a foreign id', () => {
    const object = parentObject({ ref: parent, scope, agentVersion: '1', owner, facts: undefined });
    const withMeta = (metadata: object) => ({ ...object, metadata: { ...object.metadata, ...metadata } });
    expect(
      readParent(withMeta({ annotations: { [applySet.toolingAnnotation]: 'kubectl/v1.36' } }), parent, owner),
    ).toMatchObject({ kind: 'refused' });
    const foreignId = withMeta({ labels: { [applySet.idLabel]: 'applyset-x-v1' } });
    expect(readParent(foreignId, parent, owner)).toMatchObject({ kind: 'refused' });
  });

  it.each([
    ['another hub', ownerOf('x', 'c')],
    ['another cluster uid of the same hub', ownerOf('h', 'y')],
  ])('is refused when it belongs to %s, with both names and what a person can do', (_name, other) => {
    for (const kind of ['Assignment', 'ConfigMap'] as const) {
      const own = parentRef(kind, 'shop', 'flotilla-system');
      const object = parentObject({ ref: own, scope, agentVersion: '1', owner: other, facts: undefined });
      const reading = readParent(object, own, owner);
      const text = reading.kind === 'refused' ? reading.text : '';
      expect(text).toContain(`belongs to cluster uid ${other.clusterUid} of hub ${other.hubId};`);
      expect(text).toContain(`this agent is cluster uid ${owner.clusterUid} of hub ${owner.hubId}`);
      expect(text).toMatch(
        kind === 'Assignment'
          ? /run: kubectl annotate assignments\.flotilla\.dev shop flotilla\.dev\/owner-$/
          : /run: kubectl annotate configmap flotilla-assignment-shop -n flotilla-system flotilla\.dev\/owner-$/,
      );
      expect(text.length).toBeLessThan(limits.reasonTextMax / 2);
    }
  });

  it('is refused with a mark that names nobody, and taken over when it has none', () => {
    const marked = (mark: string | undefined) => {
      const object = parentObject({ ref: parent, scope, agentVersion: '1', owner, facts: undefined });
      const { [ownerAnnotation]: _taken, ...annotations } = object.metadata.annotations ?? {};
      const shown = mark === undefined ? annotations : { ...annotations, [ownerAnnotation]: mark };
      return readParent({ ...object, metadata: { ...object.metadata, annotations: shown } }, parent, owner);
    };
    for (const mark of ['?', 'a/b/c', '/x', `${owner.hubId}/`, `${owner.hubId}`])
      expect(marked(mark)).toMatchObject({ text: expect.stringContaining(JSON.stringify(mark)) });
    expect(marked(undefined)).toEqual({ kind: 'ours', scope, isHandedOver: true });
    expect(marked('')).toEqual({ kind: 'ours', scope, isHandedOver: true });
  });

  it('has a definition that is the same in the install manifests', () => {
    const path = new URL('../../../../deploy/agent/base/crd.yaml', import.meta.url);
    expect(parse(readFileSync(path, 'utf8'))).toEqual(assignmentCrd);
  });
});
