import { storageKey } from '../kinds/index.ts';
import { removeObject } from '../remove.ts';
import { getObject } from '../state.ts';
import type { ValueObject } from '../values.ts';
import { textAt, withValue } from '../values.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import { createChild, find, isLeaving, kindNamed, nameOf } from './context.ts';

const namespaceKind = kindNamed('Namespace');
const accountKind = kindNamed('ServiceAccount');
const configMapKind = kindNamed('ConfigMap');

const bundleName = 'kube-root-ca.crt';
const bundleDescription =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Gives each namespace its ServiceAccount and CA bundle, and empties one that is being deleted before it goes. */
export const reconcileNamespace: Reconcile = (context, key) => {
  const namespace = find(context, namespaceKind, { namespace: undefined, name: key.name });
  if (namespace === undefined) return undefined;
  if (isLeaving(namespace)) return empty(context, namespace);
  ensureContent(context, key.name);
  return undefined;
};

function ensureContent(context: ControllerContext, namespace: string): void {
  if (getObject(context.state, accountKind, namespace, 'default') === undefined)
    createChild(context, accountKind, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace },
    });
  if (getObject(context.state, configMapKind, namespace, bundleName) !== undefined) return;
  createChild(context, configMapKind, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: bundleName,
      namespace,
      annotations: { 'kubernetes.io/description': bundleDescription },
    },
    data: { 'ca.crt': 'simulated' },
  });
}

function empty(context: ControllerContext, namespace: ValueObject): number | undefined {
  const { state } = context;
  const name = nameOf(namespace);
  let left = 0;
  for (const kind of state.registry.all())
    if (kind.isNamespaced)
      for (const object of state.store.list(storageKey(kind), name)) {
        removeObject(
          state,
          kind,
          { namespace: name, name: nameOf(object) },
          {
            uid: undefined,
            resourceVersion: undefined,
            propagation: 'Background',
            isDryRun: false,
          },
        );
        if (state.store.get(storageKey(kind), name, nameOf(object)) !== undefined) left += 1;
      }
  if (left > 0) return context.timing.podStopMs;
  const bare = withValue(namespace, ['spec', 'finalizers'], undefined);
  if (textAt(namespace, 'metadata', 'deletionTimestamp') !== '')
    state.store.remove(storageKey(namespaceKind), bare);
  return undefined;
}
