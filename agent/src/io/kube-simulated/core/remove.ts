import type { Kind } from './kinds/index.ts';
import { storageKey } from './kinds/index.ts';
import { conflict, forbidden, notFound } from './refusal.ts';
import type { ClusterState } from './state.ts';
import { getObject } from './state.ts';
import type { Value, ValueObject } from './values.ts';
import { listAt, numberAt, textAt, withValue } from './values.ts';
import { isFinished } from './write/index.ts';

/** How an object is deleted. */
export interface RemoveOptions {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan';
  readonly isDryRun: boolean;
}

/** Namespaces that cannot be deleted. */
const keptNamespaces = ['default', 'kube-system', 'kube-public'];

/** Seconds a pod on a node is given to end; the simulated node ends it at once. */
const podGraceSeconds = 30;

/**
 * Deletes an object under preconditions, or marks it as being deleted while finalizers hold it. Returns the object as
 * it is then.
 */
export function removeObject(
  state: ClusterState,
  kind: Kind,
  target: { readonly namespace: string | undefined; readonly name: string },
  options: RemoveOptions,
): ValueObject {
  const live = getObject(state, kind, target.namespace, target.name);
  if (live === undefined) throw notFound(kind, target.name);
  checkPreconditions(kind, live, options);
  if (kind.kind === 'Namespace' && kind.group === '' && keptNamespaces.includes(target.name))
    throw forbidden(kind, target.name, 'this namespace may not be deleted');
  const marked = mark(state, kind, live, options);
  if (options.isDryRun || marked === live) return marked;
  if (isFinished(marked)) return state.store.remove(storageKey(kind), live);
  return state.store.put(storageKey(kind), marked);
}

function checkPreconditions(kind: Kind, live: ValueObject, options: RemoveOptions): void {
  const uid = textAt(live, 'metadata', 'uid');
  const version = textAt(live, 'metadata', 'resourceVersion');
  const subject = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const name = textAt(live, 'metadata', 'name');
  if (options.uid !== undefined && options.uid !== uid)
    throw conflict(
      subject,
      name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  if (options.resourceVersion !== undefined && options.resourceVersion !== version)
    throw conflict(
      subject,
      name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`,
    );
}

/** The object as one that is being deleted. */
function mark(state: ClusterState, kind: Kind, live: ValueObject, options: RemoveOptions): ValueObject {
  if (textAt(live, 'metadata', 'deletionTimestamp') !== '') return live;
  const holds = { Background: [], Foreground: ['foregroundDeletion'], Orphan: ['orphan'] }[
    options.propagation
  ];
  const finalizers: readonly Value[] = [...listAt(live, 'metadata', 'finalizers'), ...holds];
  const isOnNode = kind.kind === 'Pod' && kind.group === '' && textAt(live, 'spec', 'nodeName') !== '';
  const leaving = [
    [['metadata', 'deletionTimestamp'], state.nowText()],
    [['metadata', 'deletionGracePeriodSeconds'], isOnNode ? podGraceSeconds : 0],
    [['metadata', 'finalizers'], finalizers.length > 0 ? finalizers : undefined],
    [
      ['metadata', 'generation'],
      kind.hasGeneration ? (numberAt(live, 'metadata', 'generation') ?? 0) + 1 : undefined,
    ],
    ...(kind.kind === 'Namespace' && kind.group === ''
      ? ([[['status', 'phase'], 'Terminating']] as const)
      : []),
  ] as const;
  return leaving.reduce<ValueObject>((object, [path, value]) => withValue(object, path, value), live);
}
