import type { KubeSelection } from '../../kube-port.ts';

/** What a URL path names: a served resource, and how deep. */
export interface PathTarget {
  readonly group: string;
  readonly version: string;
  /** Plural name as discovery gives it; never changed in case. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name?: string;
  readonly subresource?: string;
}

/** The path of a collection or object, every segment escaped. */
export function pathOf(target: PathTarget): string {
  const root = target.group === '' ? ['api', target.version] : ['apis', target.group, target.version];
  const scope = target.namespace === undefined ? [] : ['namespaces', target.namespace];
  const name = target.name === undefined ? [] : [target.name];
  const subresource = target.subresource === undefined ? [] : [target.subresource];
  const segments = [...root, ...scope, target.resource, ...name, ...subresource];
  return `/${segments.map((segment) => encodeURIComponent(segment)).join('/')}`;
}

/** Appends query parameters; undefined ones are left out. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The query parameters that a selection needs. */
export function selectionQuery(selection: KubeSelection): Readonly<Record<string, string | undefined>> {
  return { labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector };
}

/** The Accept header of a read: whole objects, or only their metadata (with whole objects as the server's way out). */
export function acceptOf(metadataOnly: boolean | undefined, shape: 'object' | 'list'): string {
  if (metadataOnly !== true) return 'application/json';
  const kind = shape === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
}
