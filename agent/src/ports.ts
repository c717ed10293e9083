/**
 * L5: everything the agent asks of the world. Adapters are in io/, loops use these types only; fakes and real adapters
 * pass the same contract suites. Every method takes its AbortSignal last; an abort rejects with the signal's reason.
 */
import type { Clock, ClusterName, ClusterUid, GitId, HubId, Json, Random } from '@flotilla/shared/base';
import type { AgentFrame, BoundCredential, Content, HubFrame, Report, TreeRef } from '@flotilla/shared/model';
import type { KubePort } from './kube-port.ts';

export type * from './kube-port.ts';

/** All ports of one agent. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly kube: KubePort;
  readonly content: ContentPort;
  readonly kustomize: KustomizePort;
  readonly helm: HelmPort;
  readonly store: StateStore;
  readonly hub: HubLink;
  readonly status: StatusSink;
  readonly credentials: CredentialStore;
}

/** One file of fetched content. `path` is relative to the repository root. */
export interface ContentFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What was fetched for a variant: all files of its trees, verified by id, held in memory within limits. */
export interface FetchedContent {
  readonly commit: GitId;
  readonly trees: readonly TreeRef[];
  /** Sorted by path. */
  readonly files: readonly ContentFile[];
  /** Entries that are refused by name (symlinks, submodules, case clashes, LFS pointers, ...). */
  readonly problems: readonly { readonly path: string; readonly code: string; readonly text: string }[];
  /** Rung of the fetch ladder used: `cache`, `tree`, `filtered`, `depth-1`. */
  readonly rung: string;
}

/**
 * Gets content from Git by tree id; verifies every object; keeps a bounded cache on disk. A credential that is for another
 * place than the content's repository is sent nowhere: GIT_CREDENTIAL_ELSEWHERE. Rejects with GitError.
 */
export interface ContentPort {
  fetch(
    content: Content,
    credential: BoundCredential | undefined,
    signal: AbortSignal,
  ): Promise<FetchedContent>;
}

/** Runs `kustomize build` as a sandboxed child over files written to its own temporary folder. */
export interface KustomizePort {
  /** `path` is the folder to build, relative to the root of `files`. Resolves to multi-document YAML. Rejects with RenderError. */
  build(
    input: { readonly files: readonly ContentFile[]; readonly path: string },
    signal: AbortSignal,
  ): Promise<string>;
}

/** What a chart is rendered from. */
export interface HelmInput {
  readonly files: readonly ContentFile[];
  /** Folder of the chart, relative to the root of `files`. */
  readonly path: string;
  readonly releaseName: string;
  readonly namespace: string;
  /** `v1.36.3`. */
  readonly kubeVersion: string;
  /** `apps/v1`, `apps/v1/Deployment`. */
  readonly apiVersions: readonly string[];
  /** Paths among `files`; later ones win. */
  readonly valuesFiles: readonly string[];
  /** JSON that wins over the files. */
  readonly valuesJson: string | undefined;
}

/** Runs `helm template` as a sandboxed child over files written to its own temporary folder. */
export interface HelmPort {
  /**
   * Resolves to multi-document YAML with a `# Source:` line each: definitions of `crds/` first, hooks and tests included. The
   * same input may be answered from memory unless `fresh` is set. Rejects with RenderError.
   */
  template(input: HelmInput, options: { readonly fresh: boolean }, signal: AbortSignal): Promise<string>;
  /** The files of a packed chart (.tgz), at their paths beside the archive. Rejects with RenderError. */
  unpack(archive: ContentFile, signal: AbortSignal): Promise<readonly ContentFile[]>;
}

/**
 * Durable records by key, each written atomically and synced before `write` resolves; writes of one key land in the order
 * they were asked for. Keys are one to four parts such as `a/b`, each of at most 128 lower-case letters, digits, `-`, `_`
 * and `.`; any other is refused with STORE_KEY. Values are JSON. A torn or corrupt record is detected and the one before it
 * is used.
 */
export interface StateStore {
  /** Undefined when there is none; rejects with STORE_CORRUPT when records exist but none is readable. */
  read(key: string, signal: AbortSignal): Promise<Json | undefined>;
  write(key: string, value: Json, signal: AbortSignal): Promise<void>;
  /** Resolves also when there is none. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /** Keys under a prefix such as `rows/`, sorted. */
  list(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Damage found while reading, for facts and logs; newest last, bounded. */
  readonly damage: readonly string[];
}

/** One open assignment stream. */
export interface HubStream {
  /** Queues a frame. Resolves when the transport took it; at most a handful are ever queued (one delta is in flight). */
  send(frame: AgentFrame, signal: AbortSignal): Promise<void>;
  /** Ends when the hub ends the stream; throws HubLinkError when it broke. */
  readonly frames: AsyncIterable<HubFrame>;
  close(): void;
}

/** The agent's way to its hub: one stream at a time over mutual TLS. */
export interface HubLink {
  /** Opens the stream with the current identity. Rejects with HubLinkError. */
  open(signal: AbortSignal): Promise<HubStream>;
  /** Asks for a new identity with the current one; the adapter uses the new one from the next `open` on. */
  renew(request: RenewalRequest, signal: AbortSignal): Promise<AgentIdentity>;
}

/** What a renewal sends: the public halves of keys that the agent has already persisted. */
export interface RenewalRequest {
  readonly csrDer: Uint8Array;
  readonly natsUserKey: string;
}

/** Who this agent is, persisted under the key `identity`. Private keys are PEM; never logged. */
export interface AgentIdentity {
  readonly hubId: HubId;
  readonly clusterUid: ClusterUid;
  readonly clusterName: ClusterName;
  /** host:port of the agents' listener. */
  readonly agentsAddress: string;
  readonly privateKeyPem: string;
  /** Leaf first. */
  readonly certificateChainPem: string;
  readonly caBundlePem: string;
  readonly natsSeed: string;
  readonly natsUserJwt: string;
  readonly natsUrls: readonly string[];
}

/** Publishes the newest report document; the owner keeps the last value and retries. */
export interface StatusSink {
  /**
   * Resolves when the bus has taken it; it is stored a moment later, and the hub names it in its heartbeat once folded
   * (shared/adr/0005). Rejects when the bus is away or refuses it.
   */
  publish(report: Report, signal: AbortSignal): Promise<void>;
  readonly isConnected: boolean;
  close(): Promise<void>;
}

/**
 * Credentials of sources on the agent's side, by name, each with the place it is for; one without is refused. The agent's own
 * wins over a delivered one.
 */
export interface CredentialStore {
  find(name: string, signal: AbortSignal): Promise<BoundCredential | undefined>;
}
