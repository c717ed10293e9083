import type { KubeObject } from '@flotilla/shared/model';
import { ref } from './rows-fixture.ts';

/** Test only: the definition of a kind Widget of a group. */
export function widgetDefinition(group: string, { isServed = true } = {}): KubeObject {
  const openAPIV3Schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: isServed, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

export const definitionRef = (group: string) => ({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  namespace: undefined,
  name: `widgets.${group}`,
});

export const widgetFile = (group: string) =>
  `apiVersion: ${group}/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 3}\n`;
export const widgetRef = (group: string) => ref('Widget', 'one', group);
export const applied = {
  fieldManager: 'person',
  force: true,
  dryRun: false,
  fieldValidation: 'Strict',
} as const;
export const deleted = { resourceVersion: undefined, propagation: 'Background', dryRun: false } as const;
