import type { Digest, GitId, PlacementName, RolloutId } from '../base/index.ts';
import type { ClusterCheck } from './check.ts';

/** The position of a row: compared as a pair, epoch first. Both count from 1. */
export interface RowVersion {
  /** One number for the fleet; raised when the decision log was lost, shortened or forked. */
  readonly epoch: number;
  /** JetStream sequence of the decision event that made the row. */
  readonly seq: number;
}

/** Negative when `left` is older, 0 when equal, positive when newer. */
export function compareVersions(left: RowVersion, right: RowVersion): number {
  return left.epoch - right.epoch || left.seq - right.seq;
}

/** `epoch.seq`, for logs and messages. */
export function formatVersion(version: RowVersion): string {
  return `${version.epoch}.${version.seq}`;
}

/** Proof that this fleet's hub made a row; an agent keeps it beside the row and shows it in Hello. */
export interface RowProof {
  /** Digest of the decision event that made the row. */
  readonly eventHash: Digest;
  /** HMAC-SHA-256, 64 hex characters, by the hub's row key (see rowMacInput). */
  readonly mac: Digest;
}

/** Why a row exists: a commit of the control repository, or a decision event. */
export type Cause =
  | { readonly kind: 'commit'; readonly commit: GitId }
  | { readonly kind: 'decision'; readonly event: string };

/** What happens to the objects of a removed assignment. */
export type RemovalMode = 'prune' | 'orphan';

/** Ends an assignment on a cluster; a row like any other, so that an older row cannot come back to life. */
export interface RemovalRow {
  readonly kind: 'removal';
  readonly placement: PlacementName;
  readonly version: RowVersion;
  readonly proof: RowProof;
  readonly cause: Cause;
  readonly mode: RemovalMode;
  /** As in AssignmentRow. Absent = none. */
  readonly permittedPrune?: Digest | undefined;
}

/** One placement on one cluster at one variant: everything the agent needs, without the hub. */
export interface AssignmentRow {
  readonly kind: 'assignment';
  readonly placement: PlacementName;
  readonly version: RowVersion;
  readonly proof: RowProof;
  readonly cause: Cause;
  readonly mode: RowMode;
  readonly rollout: RolloutId;
  readonly suspension: Suspension | undefined;
  /** Permission for exactly one held prune list, by its hash. */
  readonly permittedPrune: Digest | undefined;
  readonly variant: Variant;
  /** Only where the Source says deliverCredentials; never part of the variant. */
  readonly credential: DeliveredCredential | undefined;
  /** Sequence of the placement's first row: between owners of equal priority the older placement wins. Absent = unknown. */
  readonly placementAgeSeq?: number | undefined;
}

/** What a cluster is told about one placement. */
export type Row = AssignmentRow | RemovalRow;

/** What a row does compared with the one before; an older commit is taken only as `rollback`. */
export type RowMode = 'update' | 'rollback' | 'adopt';

/** A person said stop, and why. */
export interface Suspension {
  readonly reason: string;
}

/** A credential that the hub hands over to an agent. Never logged. */
export type DeliveredCredential = { readonly name: string } & (
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'ssh'; readonly privateKey: string; readonly knownHosts: string }
);

/**
 * A credential and the only place that it may be sent to: scheme, host and port of a server, and with a path only the
 * repositories at or below it. Never logged.
 */
export type BoundCredential = DeliveredCredential & { readonly url: string };

/** A release after one cluster's overrides. Clusters with equal variants share its digest. */
export interface Variant {
  /** variantDigest() of the rest. */
  readonly digest: Digest;
  readonly content: Content;
  readonly render: Render;
  readonly apply: ApplyPolicy;
  readonly health: HealthPolicy;
  readonly prune: PrunePolicy;
}

/** Where content lies in Git. */
export interface Content {
  readonly repositoryUrl: string;
  /** Name of the credential to use; undefined = none. */
  readonly credential: string | undefined;
  /** For display and fetching; not part of the digest: a commit that changes no tree changes no variant. */
  readonly commit: CommitInfo;
  /** The ref that the placement follows, for messages. */
  readonly ref: string;
  /** The first is the placement's path, or the overlay that replaces it; then includes and the kustomize closure. */
  readonly trees: readonly TreeRef[];
  readonly requiredSigners: readonly string[];
  readonly caBundlePem: string | undefined;
}

/** A commit, as people want to see it. */
export interface CommitInfo {
  readonly id: GitId;
  readonly author: string;
  /** First line of the message, at most 256 characters. */
  readonly subject: string;
  /** Seconds since 1970. */
  readonly committedAtS: number;
  /** Absent where nobody looked: in logs of before, and at agents. */
  readonly signature?: CommitSignature | undefined;
  /** Which placements its trailer `Flotilla-Urgent` calls urgent. Known to the hub alone; absent = none. */
  readonly urgent?: UrgentFor | undefined;
}

/** Placements whose rollouts a commit calls urgent: all that bring it, or those of these names. */
export type UrgentFor = 'all' | readonly string[];

/**
 * Whether a commit carries a signature, and of which kind, by its armour alone: who made it, and whether it verifies, is
 * another question. `other` is an armour that this program does not know.
 */
export type CommitSignature = 'unsigned' | 'ssh' | 'openpgp' | 'x509' | 'other';

/** One tree of a commit. `path` has no leading or trailing slash; '' is the root. */
export interface TreeRef {
  readonly path: string;
  readonly treeId: GitId;
}

/** Which renderer reads the files; `auto` finds out from them: kustomization, Chart.yaml, else plain YAML. */
export type Renderer = 'auto' | 'plain' | 'kustomize' | 'helm';

/** How files become objects. */
export interface Render {
  readonly renderer: Renderer;
  readonly helm: HelmOptions | undefined;
  /** For namespaced objects that name none; undefined = such objects are refused. */
  readonly namespace: string | undefined;
  readonly patches: readonly RenderPatch[];
  /** For declared substitution, already resolved by the hub. */
  readonly variables: { readonly [name: string]: string };
}

/** Options of helm template. */
export interface HelmOptions {
  /** Undefined = the placement's name. */
  readonly releaseName: string | undefined;
  readonly valuesFiles: readonly string[];
  /** Inline values after overrides, as JSON text. */
  readonly valuesJson: string | undefined;
}

/** A patch on rendered objects: RFC 6902 operations or a merge patch, as JSON text. */
export interface RenderPatch {
  readonly target: ObjectTarget;
  readonly kind: 'json' | 'merge';
  readonly patchJson: string;
}

/** Which objects a patch or rule applies to; undefined matches all. */
export interface ObjectTarget {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
}

/** How objects are applied and owned. */
export interface ApplyPolicy {
  readonly mode: 'bestEffort' | 'atomic';
  readonly takeOver: 'ifNoDiff' | 'always' | 'never';
  readonly drift: 'correct' | 'report';
  readonly ignore: readonly IgnoreRule[];
  readonly createNamespace: boolean;
  /** Between assignments that want the same object, higher wins. */
  readonly priority: number;
  readonly takeOverFrom: PlacementName | undefined;
  /** A change that cuts the agent's own link reverts itself after so long; undefined = off. */
  readonly confirmMs: number | undefined;
}

/** Fields left to others, as JSON pointers (RFC 6901). */
export interface IgnoreRule {
  readonly target: ObjectTarget;
  readonly pointers: readonly string[];
}

/** How objects are judged. */
export interface HealthPolicy {
  /** From apply to Ready; after it the assignment counts as failed. */
  readonly deadlineMs: number;
  /** How long it must stay healthy before the hub counts it as proven. */
  readonly soakMs: number;
  /** Rules of the placement, in CEL; for the objects that they match they replace kstatus. */
  readonly checks: readonly HealthRule[];
  /** Checks of the rollout's stage that must hold as well. Not part of the variant's digest; absent = none. */
  readonly stageChecks?: readonly ClusterCheck[] | undefined;
}

/** When objects of a kind are healthy. */
export interface HealthRule {
  readonly target: ObjectTarget;
  /** CEL over `object`, and `status`, which is object.status or the empty map; true when healthy. */
  readonly cel: string;
}

/** Which deletes are allowed. */
export interface PrunePolicy {
  readonly enabled: boolean;
  /** More than so many at once hold and ask. */
  readonly maxObjects: number;
  /** More than so many percent of an assignment of at least 10 objects hold and ask. */
  readonly maxPercent: number;
}
