import type { FieldProblem } from '../refusal.ts';
import type { StructType } from '../schema/index.ts';
import type { ValueObject } from '../values.ts';

/** One served kind at one version: what discovery says of it and how its objects are treated. */
export interface Kind extends KindRules {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural name. */
  readonly resource: string;
  readonly isNamespaced: boolean;
  readonly hasStatus: boolean;
  /** `metadata.generation` counts changes of what is not metadata or status. */
  readonly hasGeneration: boolean;
  readonly verbs: readonly string[];
  readonly type: StructType;
}

/** What a kind does beyond storing. Every rule is optional; without one the object is taken as it is. */
export interface KindRules {
  /** The server's defaults, at every write. */
  readonly defaults?: (object: ValueObject) => ValueObject;
  /** What the server sets at creation: status, allocated addresses, generated labels, what admission adds. */
  readonly prepareCreate?: (object: ValueObject, facts: CreateFacts) => ValueObject;
  /** What the server carries over at an update. */
  readonly prepareUpdate?: (next: ValueObject, old: ValueObject) => ValueObject;
  /** Problems of a new or changed object; `old` is undefined at creation. */
  readonly validate?: (next: ValueObject, old: ValueObject | undefined) => readonly FieldProblem[];
  /** Names that are not DNS-1123 subdomains: `label` is stricter, `path` allows everything that fits a URL. */
  readonly naming?: 'subdomain' | 'label' | 'path';
  /** Parts beyond `spec` whose change counts as a new generation. */
  readonly countsAnnotations?: boolean;
}

/** What a new object may depend on. */
export interface CreateFacts {
  readonly uid: string;
  /** The object comes from an apply rather than a create. */
  readonly isApply: boolean;
  /** The object came with labels of its own, before defaults gave it any. */
  readonly hasOwnLabels: boolean;
  /** A cluster IP that is not in use. */
  readonly nextClusterIp: () => string;
  /** A node port that is neither in use nor among the given ones. */
  readonly nextNodePort: (taken: ReadonlySet<number>) => number;
  /** Lower-case letters and digits, as the server appends them to generated names. */
  readonly randomSuffix: () => string;
  readonly nowText: string;
}
