import type { GroupVersionKind, KubeObject } from '@flotilla/shared/model';
import { apiVersionOf } from '@flotilla/shared/model';

/**
 * An object as the port promises it: items of a list carry no kind of their own, and metadata-only answers carry that
 * of the envelope (PartialObjectMetadata), so the kind that was asked for is written in.
 */
export function objectFrom(body: Readonly<Record<string, unknown>>, kind: GroupVersionKind): KubeObject {
  // The API server's answer to a request for this kind: metadata is always there (API conventions, "Metadata").
  const object = body as KubeObject;
  return { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind };
}
