import type { RetryAdvice } from '@flotilla/shared/base';
import { FlotillaError } from '@flotilla/shared/base';
import type { GroupKind, GroupVersionKind, KubeObject, ObjectMeta, ObjectRef } from '@flotilla/shared/model';

/** One resource that the API server serves, from discovery. */
export interface KubeResource extends GroupVersionKind {
  /** Plural name in URLs, e.g. `deployments`. */
  readonly resource: string;
  readonly isNamespaced: boolean;
  readonly verbs: readonly string[];
  readonly hasStatus: boolean;
}

/** Everything the API server serves at one moment, and the groups whose discovery failed (their kinds are unknown, not absent). */
export interface KubeDiscovery {
  /** The server's preferred version first within each group. */
  readonly resources: readonly KubeResource[];
  /** Groups that could not be read (an APIService that is down): nothing may be concluded about their kinds. */
  readonly failedGroups: readonly {
    readonly group: string;
    readonly version: string;
    readonly text: string;
  }[];
}

/** Options of a server-side apply. */
export interface ApplyOptions {
  readonly fieldManager: string;
  /** Takes fields from other managers. Only for objects already in our inventory, or by take-over policy. */
  readonly force: boolean;
  readonly dryRun: boolean;
  /** `Strict` refuses unknown and duplicate fields. Default in the product: Strict. */
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** `status` writes the status subresource. */
  readonly subresource?: 'status';
}

/** What makes a delete safe: the server refuses it (409) unless both still match. */
export interface DeleteOptions {
  readonly uid: string;
  readonly resourceVersion: string | undefined;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan';
  readonly dryRun: boolean;
}

/** Which objects a list or watch covers. */
export interface KubeSelection {
  readonly kind: GroupVersionKind;
  /** Undefined = all namespaces, or a cluster-scoped kind. */
  readonly namespace?: string;
  /** Kubernetes label selector text, e.g. `flotilla.dev/assignment`. */
  readonly labelSelector?: string;
  /** Kubernetes field selector text, e.g. `metadata.name=x`. */
  readonly fieldSelector?: string;
  /** Ask for PartialObjectMetadata only: objects then carry apiVersion, kind and metadata. Default false. */
  readonly metadataOnly?: boolean;
}

/** A whole list (the adapter pages by itself) and the version a watch can start from. */
export interface KubeList {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

/** One event of a watch. A DELETED event may only mean that the object left the selection: read before acting. */
export type KubeWatchEvent =
  | { readonly kind: 'added' | 'modified' | 'deleted'; readonly object: KubeObject }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string };

/** The API server said no, or could not be asked. `status` is the HTTP status, 0 when there was no answer. */
export class KubeError extends FlotillaError {
  override readonly name = 'KubeError';
  readonly status: number;
  /** `reason` of the Status body: NotFound, Conflict, Forbidden, Invalid, Expired, AlreadyExists, ... or '' . */
  readonly reason: string;
  /** `details.causes` of the Status body: every field error, or every apply conflict with the other manager. */
  readonly causes: readonly KubeErrorCause[];
  /** Retry-After of the answer in milliseconds, when given. */
  readonly retryAfterMs: number | undefined;
  /** What was asked for, where one request failed: enough to print the RBAC rule that a 403 lacks. */
  readonly request: KubeRequestInfo | undefined;

  constructor(message: string, details: KubeErrorDetails) {
    super(message, details);
    this.status = details.status;
    this.reason = details.reason;
    this.causes = details.causes;
    this.retryAfterMs = details.retryAfterMs;
    this.request = details.request;
  }
}

/** One request in the words of RBAC. */
export interface KubeRequestInfo {
  /** Every RBAC verb that the request may need; an apply needs `patch`, and `create` where the object is new. */
  readonly verbs: readonly string[];
  readonly group: string;
  /** Plural name, with `/status` for the subresource. */
  readonly resource: string;
  readonly namespace: string | undefined;
  /** Undefined for lists and watches. */
  readonly name: string | undefined;
}

/** One entry of a Status body's `details.causes`. */
export interface KubeErrorCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What a KubeError is made from. */
export interface KubeErrorDetails {
  /** KUBE_<REASON> in upper snake case, or KUBE_UNREACHABLE. */
  readonly code: string;
  readonly retry: RetryAdvice;
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly KubeErrorCause[];
  readonly retryAfterMs: number | undefined;
  readonly request?: KubeRequestInfo;
  readonly cause?: unknown;
}

/**
 * What the agent uses of one cluster's API. Two adapters: the real API server (io/kube) and the simulated cluster
 * (io/kube-simulated); both pass the same contract suite. All methods reject with KubeError, or with the signal's
 * reason when aborted.
 */
export interface KubePort {
  /** Reads `/version`: `gitVersion` such as `v1.36.3`. */
  serverVersion(signal: AbortSignal): Promise<string>;
  /** What is served. Coalesced and cached by the adapter; `fresh` asks the server again. */
  discover(options: { readonly fresh: boolean }, signal: AbortSignal): Promise<KubeDiscovery>;
  /** One object, or undefined when the server says 404 for it. */
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>;
  /** All objects of a selection, paged by the adapter. */
  list(selection: KubeSelection, signal: AbortSignal): Promise<KubeList>;
  /**
   * Events after `resourceVersion`. Ends normally when the server closes the connection; throws KubeError with status
   * 410 (reason Expired) when the version is too old: list again and watch from there.
   */
  watch(
    selection: KubeSelection,
    resourceVersion: string,
    signal: AbortSignal,
  ): AsyncIterable<KubeWatchEvent>;
  /** Server-side apply of a whole intent. Returns the live object after it. */
  apply(object: KubeObject, options: ApplyOptions, signal: AbortSignal): Promise<KubeObject>;
  /** Creates; with `dryRun` nothing is stored. The object may carry generateName instead of a name. */
  create(
    object: KubeObject,
    options: { readonly fieldManager: string; readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<KubeObject>;
  /** JSON merge patch (RFC 7386): for labels and for hand edits in tests. `resourceVersion` inside makes it conditional. */
  mergePatch(
    ref: ObjectRef,
    patch: { readonly metadata?: Partial<ObjectMeta>; readonly [field: string]: unknown },
    options: { readonly fieldManager: string },
    signal: AbortSignal,
  ): Promise<KubeObject>;
  /** Deletes under preconditions. Resolves to false when the object was already gone (404). 409 when a precondition fails. */
  delete(ref: ObjectRef, options: DeleteOptions, signal: AbortSignal): Promise<boolean>;
  /** Closes connections. */
  close(): Promise<void>;
}

/** Finds the resource of a kind in discovery: the exact version, else undefined. */
export function findResource(discovery: KubeDiscovery, kind: GroupVersionKind): KubeResource | undefined {
  return discovery.resources.find(
    (one) => one.kind === kind.kind && one.group === kind.group && one.version === kind.version,
  );
}

/** Finds the preferred served version of a kind, whatever version was asked for. */
export function findPreferred(discovery: KubeDiscovery, kind: GroupKind): KubeResource | undefined {
  return discovery.resources.find((one) => one.kind === kind.kind && one.group === kind.group);
}
