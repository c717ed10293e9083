import type { GroupVersionKind, KubeObject } from '@flotilla/shared/model';
import type { ValueObject } from './core/index.ts';
import { asKind } from './core/index.ts';

/** A stored object as the port gives it out: at the version that was asked for, whole or only its metadata. */
export function asAnswer(object: ValueObject, kind: GroupVersionKind, metadataOnly?: boolean): KubeObject {
  const versioned = asKind(object, kind);
  const { apiVersion, kind: name, metadata } = versioned;
  const answer = metadataOnly === true ? { apiVersion, kind: name, metadata } : versioned;
  // Every stored object has apiVersion, kind and metadata with a name: create() and apply() see to it.
  return answer as unknown as KubeObject;
}
