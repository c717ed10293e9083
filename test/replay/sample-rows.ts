import type { Digest, EventId, GitId, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { AssignmentRow, RemovalRow } from '@flotilla/shared/model';
import { claimOf, variantDigest } from '@flotilla/shared/model';

/** A digest that is easy to see. */
export function digest(fill: string): Digest {
  return fill.repeat(64) as Digest;
}

/** A Git id that is easy to see. */
export function gitId(fill: string): GitId {
  return fill.repeat(40) as GitId;
}

const target = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  name: 'cart',
  namespace: 'shop',
  labelSelector: 'tier=web',
};
const parts = {
  content: {
    repositoryUrl: 'https://git.example.org/platform.git',
    credential: 'platform',
    commit: {
      id: gitId('c'),
      author: 'Ada Lovelace',
      subject: 'Raise replicas of cart',
      committedAtS: 1_790_000_000,
    },
    ref: 'main',
    trees: [
      { path: 'apps/cart/overlays/eu', treeId: gitId('1') },
      { path: 'apps/cart/base', treeId: gitId('2') },
    ],
    requiredSigners: ['SHA256:abcdefgh'],
    caBundlePem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  },
  render: {
    renderer: 'helm',
    helm: { releaseName: 'cart', valuesFiles: ['values.yaml', 'eu.yaml'], valuesJson: '{"replicas":3}' },
    namespace: 'shop',
    patches: [
      { target, kind: 'json', patchJson: '[{"op":"replace","path":"/spec/replicas","value":3}]' },
      { target: {}, kind: 'merge', patchJson: '{"metadata":{"labels":{"region":"eu"}}}' },
    ],
    variables: { 'cluster.name': 'eu-1', 'cluster.labels.region': 'eu' },
  },
  apply: {
    mode: 'atomic',
    takeOver: 'always',
    drift: 'report',
    ignore: [{ target: { kind: 'Deployment' }, pointers: ['/spec/replicas'] }],
    createNamespace: true,
    priority: -5,
    takeOverFrom: 'old-cart' as PlacementName,
    confirmMs: 300_000,
  },
  health: {
    deadlineMs: 600_000,
    soakMs: 120_000,
    checks: [{ target: { kind: 'Certificate' }, cel: 'object.status.ready' }],
  },
  prune: { enabled: true, maxObjects: 20, maxPercent: 30 },
} as const;

/** A row that uses every field. */
export const fullRow: AssignmentRow = {
  kind: 'assignment',
  placement: 'cart' as PlacementName,
  version: { epoch: 2, seq: 4_711 },
  proof: { eventHash: digest('e'), mac: digest('a') },
  cause: { kind: 'commit', commit: gitId('d') },
  mode: 'rollback',
  rollout: 'cart-17' as RolloutId,
  suspension: { reason: 'incident 812' },
  permittedPrune: digest('b'),
  variant: { digest: variantDigest(parts), ...parts },
  credential: { name: 'platform', kind: 'basic', username: 'reader', password: 'not a real one' },
  placementAgeSeq: 12,
};

/** A row with checks of its stage, of every kind. */
export const checkedRow: AssignmentRow = {
  ...fullRow,
  version: { epoch: 2, seq: 4_713 },
  variant: {
    ...fullRow.variant,
    health: {
      ...parts.health,
      stageChecks: [
        {
          name: 'database-up',
          timeoutMs: 60_000,
          kind: 'kstatus',
          object: { group: 'apps', kind: 'StatefulSet', name: 'database', namespace: 'data' },
        },
        {
          name: 'certificate',
          timeoutMs: 300_000,
          kind: 'cel',
          object: { group: '', kind: 'ConfigMap', name: 'settings', namespace: undefined },
          expression: 'object.data.ready == "yes"',
        },
        {
          name: 'smoke',
          timeoutMs: 120_000,
          kind: 'job',
          jobJson: '{"spec":{"template":{"spec":{"containers":[{"image":"smoke:1","name":"smoke"}]}}}}',
        },
      ],
    },
  },
};

/** A removal row. */
export const removalRow: RemovalRow = {
  kind: 'removal',
  placement: 'ingress' as PlacementName,
  version: { epoch: 2, seq: 4_712 },
  proof: { eventHash: digest('f'), mac: digest('9') },
  cause: { kind: 'decision', event: 'abcdefghijklmnopqrstuvwxyz' as EventId },
  mode: 'orphan',
};

/** What an agent shows that holds both. */
export const claims = [fullRow, removalRow].map(claimOf);
