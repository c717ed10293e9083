import type { GitId } from '../../base/index.ts';

/** One ref as the server lists it. */
export interface Ref {
  /** Full name: `refs/heads/main`, `refs/tags/v1`, or `HEAD`. */
  readonly name: string;
  readonly id: GitId;
  /** The commit behind an annotated tag. */
  readonly peeled?: GitId;
  /** Where a symbolic ref points to: `refs/heads/main` for HEAD. */
  readonly symrefTarget?: string;
}

/** What a server says about itself. */
export interface ServerCapabilities {
  readonly protocol: 'v2' | 'v0';
  readonly objectFormat: 'sha1' | 'sha256';
  /** Whether `filter=` may be used in a fetch. */
  readonly filter: boolean;
  /** As the server calls itself, shortened; for display only. */
  readonly agent?: string;
}

/** The refs that match, sorted by name. */
export interface RefList {
  readonly refs: readonly Ref[];
  readonly capabilities: ServerCapabilities;
}
