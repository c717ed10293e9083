import type { Digest, GitId, PlacementName } from '@flotilla/shared/base';
import type { ObjectRef } from '@flotilla/shared/model';
import { objectKey } from '@flotilla/shared/model';
import type { LiveObject } from '../inventory/index.ts';
import type { DesiredObject, Goal, PlanPolicy } from './goal.ts';
import { stageOf } from './stages.ts';

/** Test only: what plans are made of. */
export const placement = 'shop' as PlacementName;
export const setId = 'applyset-shop-v1';
export const owner = 'hub/cluster';
export const commit = 'c'.repeat(40) as GitId;
export const variantDigest = 'd'.repeat(64) as Digest;

export const policyOf = (change: Partial<PlanPolicy> = {}): PlanPolicy => ({
  placement,
  setId,
  owner,
  mode: 'bestEffort',
  takeOver: 'ifNoDiff',
  takeOverFrom: undefined,
  drift: 'correct',
  prune: { enabled: true, maxObjects: 20, maxPercent: 30 },
  permittedPrune: undefined,
  claims: new Map(),
  wantedElsewhere: new Map(),
  handOverPending: new Map(),
  handOverDoubted: new Map(),
  fights: new Map(),
  ...change,
});

export function refTo(kind: string, name: string): ObjectRef {
  const [bare = kind, ...group] = kind.split('.');
  const isClusterScoped = ['Namespace', 'CustomResourceDefinition', 'ClusterRole'].includes(bare);
  return {
    group: group.join('.'),
    version: 'v1',
    kind: bare,
    namespace: isClusterScoped ? undefined : 'shop',
    name,
  };
}

export function desire(kind: string, name: string, hash = 'h1'): DesiredObject {
  const ref = refTo(kind, name);
  return { ref, key: objectKey(ref), hash, stage: stageOf(ref), definesKind: undefined, leftToOthers: [] };
}

export function contentGoal(objects: readonly DesiredObject[]): Extract<Goal, { kind: 'content' }> {
  return {
    kind: 'content',
    objects,
    unplaced: [],
    content: { commit, variantDigest },
    version: '1.1',
    ensureNamespace: undefined,
  };
}

export const noAnswer = { code: 'ApiUnavailable', text: 'no answer', subject: '' };

let counter = 0;

export function liveOf(ref: ObjectRef, change: Partial<LiveObject> = {}): LiveObject {
  counter += 1;
  return {
    ref,
    key: objectKey(ref),
    uid: `uid-${counter}`,
    resourceVersion: String(counter),
    assignment: placement,
    partOf: setId,
    owner,
    ownedFields: 'fields',
    isDeleting: false,
    isKept: false,
    isWhole: false,
    controller: undefined,
    body: { apiVersion: 'v1', kind: ref.kind, metadata: { name: ref.name } },
    ...change,
  };
}
