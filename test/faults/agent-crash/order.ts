import type { Wanted } from '../../real/agent-engine/index.ts';
import type { AdminCredential } from '../../real/control-plane/index.ts';

/** A death at the n-th write to the store, from 1: before anything of it is on disk, or when it is and nobody knows. */
export interface StoreDeath {
  readonly write: number;
  readonly when: 'before' | 'after';
}

/** Where the agent keeps its state: in a folder, or in Secrets of a namespace of the cluster it keeps. */
export type StorePlace =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'secrets'; readonly namespace: string };

/** What one life of the agent does. */
export interface Order {
  readonly credential: AdminCredential;
  readonly store: StorePlace;
  readonly userAgent: string;
  /** A row that comes from the hub in this life. */
  readonly wanted?: Wanted;
  /** A removal row that does. */
  readonly removed?: Pick<Wanted, 'placement' | 'seq'>;
  /** The row that it comes to rest at. */
  readonly awaited: Pick<Wanted, 'placement' | 'seq'>;
  readonly dieAt?: StoreDeath;
}
