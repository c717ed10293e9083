import { storageKey } from '../kinds/index.ts';
import type { Value, ValueObject } from '../values.ts';
import { objectAt, textAt } from '../values.ts';
import { updateObject } from '../write/index.ts';
import { conditionOf } from './conditions.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import { find, isLeaving, kindNamed } from './context.ts';

const definitionKind = kindNamed('CustomResourceDefinition');

/** Establishes a CustomResourceDefinition: from then on its kind is served. */
export const reconcileDefinition: Reconcile = (context, key) => {
  const definition = find(context, definitionKind, key);
  if (definition === undefined) {
    context.state.registry.forget(key.name);
    return undefined;
  }
  if (isLeaving(definition)) return undefined;
  establish(context, definition);
  const live = find(context, definitionKind, key);
  if (live !== undefined) context.state.registry.define(live);
  return undefined;
};

/** Objects of a definition that is gone cannot be asked for any more; they go with it. */
export function removeInstances(context: ControllerContext, definition: ValueObject): void {
  const { store } = context.state;
  const kind = storageKey({
    group: textAt(definition, 'spec', 'group'),
    resource: textAt(definition, 'spec', 'names', 'plural'),
  });
  for (const object of store.list(kind)) store.remove(kind, object);
}

function establish(context: ControllerContext, definition: ValueObject): void {
  if (conditionOf(definition, 'Established')?.['status'] === 'True') return;
  const status = {
    ...objectAt(definition, 'status'),
    acceptedNames: objectAt(definition, 'spec', 'names'),
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found', context.nowText),
      condition(
        'Established',
        'InitialNamesAccepted',
        'the initial names have been accepted',
        context.nowText,
      ),
    ],
  };
  const options = { manager: 'kube-apiserver', subresource: 'status', isDryRun: false } as const;
  updateObject(context.state, definitionKind, { ...definition, status }, options);
}

function condition(type: string, reason: string, message: string, nowText: string): Value {
  return { type, status: 'True', lastTransitionTime: nowText, reason, message };
}
