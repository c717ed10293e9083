import type { Kind } from '../kinds/index.ts';
import type { ManagerId } from '../managed/managed-fields.ts';
import type { ValueObject } from '../values.ts';
import { textAt } from '../values.ts';

/** How an object is written. */
export interface WriteOptions {
  readonly manager: string;
  /** `scale` writes the whole object in the name of the scale subresource, as autoscalers do. */
  readonly subresource: '' | 'status' | 'scale';
  readonly isDryRun: boolean;
}

/** What a write came to. `isChanged` is false for a write that changed nothing (and took no version). */
export interface Written {
  readonly object: ValueObject;
  readonly isCreated: boolean;
  readonly isChanged: boolean;
}

/** Who writes, for one request. */
export function managerId(kind: Kind, options: WriteOptions, operation: ManagerId['operation']): ManagerId {
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  return { manager: options.manager, operation, apiVersion, subresource: options.subresource };
}

/** The namespace of an object of this kind; undefined for cluster-scoped kinds. */
export function namespaceOf(kind: Kind, object: ValueObject): string | undefined {
  return kind.isNamespaced ? textAt(object, 'metadata', 'namespace') : undefined;
}
