import { createHmac } from 'node:crypto';
import type {
  ClusterName,
  ClusterUid,
  Digest,
  EventId,
  GitId,
  HubId,
  PlacementName,
  RolloutId,
} from '@flotilla/shared/base';
import { sha256Hex } from '@flotilla/shared/base';
import type { AssignmentRow, RemovalRow, RowVersion, Variant } from '@flotilla/shared/model';
import { memberOf, rowMacInput, variantDigest, zeroDigest } from '@flotilla/shared/model';

/** The fleet that protocol tests speak of. */
export const fleet = {
  hubId: 'hubhubhubhubhubhubhubhub22' as HubId,
  uid: 'clustercluster234567cluste' as ClusterUid,
  name: 'eu-1' as ClusterName,
  macKey: 'row key of the tests',
} as const;

/** HMAC-SHA-256 by the tests' row key, as the hub's signer makes it. */
export function macRow(input: string): Digest {
  return createHmac('sha256', fleet.macKey).update(input).digest('hex') as Digest;
}

/** A placement name. */
export function placementOf(name: string): PlacementName {
  return name as PlacementName;
}

/** A variant whose only interesting part is its tree. */
export function variantOf(tree: string, change: Partial<Omit<Variant, 'digest'>> = {}): Variant {
  const parts: Omit<Variant, 'digest'> = {
    content: {
      repositoryUrl: 'https://git.example.org/shop.git',
      credential: undefined,
      commit: {
        id: sha256Hex(`commit of ${tree}`).slice(0, 40) as GitId,
        author: 'Ada',
        subject: `Change ${tree}`,
        committedAtS: 1_790_000_000,
      },
      ref: 'main',
      trees: [{ path: 'apps/shop', treeId: sha256Hex(tree).slice(0, 40) as GitId }],
      requiredSigners: [],
      caBundlePem: undefined,
    },
    render: { renderer: 'auto', helm: undefined, namespace: 'shop', patches: [], variables: {} },
    apply: {
      mode: 'bestEffort',
      takeOver: 'ifNoDiff',
      drift: 'correct',
      ignore: [],
      createNamespace: false,
      priority: 0,
      takeOverFrom: undefined,
      confirmMs: undefined,
    },
    health: { deadlineMs: 600_000, soakMs: 0, checks: [] },
    prune: { enabled: true, maxObjects: 20, maxPercent: 30 },
    ...change,
  };
  return { digest: variantDigest(parts), ...parts };
}

/** A variant that this agent cannot do. */
export function helmVariantOf(tree: string): Variant {
  const { render } = variantOf(tree);
  return variantOf(tree, { render: { ...render, renderer: 'helm' } });
}

/** Who a row is for and from which decision. */
export interface RowPosition {
  readonly placement: string;
  readonly seq: number;
  readonly epoch?: number;
  /** Tells decisions at one sequence apart; a forked log has another one. */
  readonly decision?: string;
}

/** An assignment row of the tests' fleet, signed. */
export function assignmentOf(position: RowPosition, variant: Variant = variantOf('tree')): AssignmentRow {
  const placement = placementOf(position.placement);
  const version = versionOf(position);
  return {
    kind: 'assignment',
    placement,
    version,
    proof: proofOf(position, variant.digest),
    cause: { kind: 'commit', commit: variant.content.commit.id },
    mode: 'update',
    rollout: `${placement}-${version.seq}` as RolloutId,
    suspension: undefined,
    permittedPrune: undefined,
    variant,
    credential: undefined,
  };
}

/** A removal row of the tests' fleet, signed. */
export function removalOf(position: RowPosition): RemovalRow {
  return {
    kind: 'removal',
    placement: placementOf(position.placement),
    version: versionOf(position),
    proof: proofOf(position, zeroDigest),
    cause: { kind: 'decision', event: 'a'.repeat(26) as EventId },
    mode: 'prune',
  };
}

/** The row with another MAC, as an agent would invent it. */
export function forged<Row extends AssignmentRow | RemovalRow>(row: Row): Row {
  return { ...row, proof: { ...row.proof, mac: sha256Hex(`forged ${memberOf(row).placement}`) } };
}

function versionOf({ epoch = 1, seq }: RowPosition): RowVersion {
  return { epoch, seq };
}

function proofOf(position: RowPosition, digest: Digest): AssignmentRow['proof'] {
  const eventHash = sha256Hex(`${position.decision ?? 'event'} ${position.seq}`);
  const member = {
    placement: placementOf(position.placement),
    version: versionOf(position),
    variantDigest: digest,
  };
  return { eventHash, mac: macRow(rowMacInput(fleet.uid, member, eventHash)) };
}
