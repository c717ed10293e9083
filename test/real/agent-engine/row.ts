import type { Digest, GitId, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { AssignmentRow, RemovalRow, TreeRef } from '@flotilla/shared/model';
import { variantDigest } from '@flotilla/shared/model';

/** What differs between the rows that tests assign. */
export interface RowParts {
  readonly placement: PlacementName;
  readonly commit: GitId;
  readonly trees: readonly TreeRef[];
  /** Of objects that name none; made when it is not there. */
  readonly namespace: string;
  readonly seq: number;
  /** Default: a server that nobody is asked for. */
  readonly repositoryUrl?: string;
  readonly mode?: 'bestEffort' | 'atomic';
}

const proof = { eventHash: 'e'.repeat(64) as Digest, mac: 'f'.repeat(64) as Digest };

/** A row as a hub makes it from a placement with the product's defaults, but for budgets: everything may be pruned. */
export function rowOf({ placement, commit, trees, namespace, seq, ...more }: RowParts): AssignmentRow {
  const variant = {
    content: {
      repositoryUrl: more.repositoryUrl ?? 'https://git.example.org/set.git',
      credential: undefined,
      commit: { id: commit, author: 'author', subject: 'subject', committedAtS: 0 },
      ref: 'main',
      trees,
      requiredSigners: [],
      caBundlePem: undefined,
    },
    render: { renderer: 'auto', helm: undefined, namespace, patches: [], variables: {} },
    apply: {
      mode: more.mode ?? 'bestEffort',
      takeOver: 'ifNoDiff',
      drift: 'correct',
      ignore: [],
      createNamespace: true,
      priority: 0,
      takeOverFrom: undefined,
      confirmMs: undefined,
    },
    health: { deadlineMs: 600_000, soakMs: 0, checks: [] },
    prune: { enabled: true, maxObjects: 100_000, maxPercent: 100 },
  } as const;
  return {
    kind: 'assignment',
    placement,
    version: { epoch: 1, seq },
    proof,
    cause: { kind: 'commit', commit },
    mode: 'update',
    rollout: 'set-1' as RolloutId,
    suspension: undefined,
    permittedPrune: undefined,
    variant: { ...variant, digest: variantDigest(variant) },
    credential: undefined,
  };
}

/** The end of an assignment, and of everything in it. */
export function removalRow({ placement, commit, seq }: Omit<RowParts, 'trees' | 'namespace'>): RemovalRow {
  return {
    kind: 'removal',
    placement,
    version: { epoch: 1, seq },
    proof,
    cause: { kind: 'commit', commit },
    mode: 'prune',
    permittedPrune: undefined,
  };
}
