/** Version of the API's documents. */
export const apiVersion = 'flotilla.dev/v1alpha1';

/** A document of the API, in the shape that Kubernetes gives its objects. All times are milliseconds since 1970. */
export interface ApiItem<Kind extends string, Spec, Status> {
  readonly apiVersion: typeof apiVersion;
  readonly kind: Kind;
  readonly metadata: ItemMetadata;
  readonly spec: Spec;
  readonly status: Status;
}

/** Name, and what selectors see. */
export interface ItemMetadata {
  readonly name: string;
  readonly uid?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly createdAtMs?: number;
}
