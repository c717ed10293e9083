import { assert } from '@flotilla/shared/base';
import type { GroupVersionKind } from '@flotilla/shared/model';
import type { KubeResource } from '../../../../kube-port.ts';
import { defaultFromSchema, servedVersions, typeFromSchema, validateAgainstSchema } from '../schema/index.ts';
import type { ValueObject } from '../values.ts';
import { isObject, objectsAt, textAt } from '../values.ts';
import { allVerbs, builtinKinds } from './builtin-kinds.ts';
import type { Kind } from './kind.ts';

/** The kinds of one simulated cluster: the built-in ones and those of its established definitions. */
export interface Registry {
  /** The kind at exactly this version. */
  find(kind: GroupVersionKind): Kind | undefined;
  /** What discovery answers. */
  resources(): readonly KubeResource[];
  all(): readonly Kind[];
  /** Takes over the kinds of a definition as it is now; one that is not established serves nothing. */
  define(definition: ValueObject): void;
  /** Forgets a definition's kinds. */
  forget(definitionName: string): void;
}

/** Makes the registry of a fresh cluster. */
export function createRegistry(): Registry {
  const custom = new Map<string, readonly Kind[]>();
  const all = () => [...builtinKinds, ...[...custom.values()].flat()];
  return {
    all,
    find: (kind) =>
      all().find((one) => one.kind === kind.kind && one.group === kind.group && one.version === kind.version),
    resources: () =>
      all().map(({ group, version, kind, resource, isNamespaced, verbs, hasStatus }) => ({
        group,
        version,
        kind,
        resource,
        isNamespaced,
        verbs,
        hasStatus,
      })),
    define(definition) {
      custom.set(
        textAt(definition, 'metadata', 'name'),
        isEstablished(definition) ? customKinds(definition) : [],
      );
    },
    forget(definitionName) {
      custom.delete(definitionName);
    },
  };
}

/** Names the stored objects of a kind, whatever the version. */
export function storageKey(kind: { readonly group: string; readonly resource: string }): string {
  return `${kind.group}/${kind.resource}`;
}

function isEstablished(definition: ValueObject): boolean {
  return objectsAt(definition, 'status', 'conditions').some(
    (condition) => condition['type'] === 'Established' && condition['status'] === 'True',
  );
}

function customKinds(definition: ValueObject): readonly Kind[] {
  return servedVersions(definition).map(({ name, schema, hasStatus }): Kind => {
    const kind = textAt(definition, 'spec', 'names', 'kind');
    return {
      group: textAt(definition, 'spec', 'group'),
      version: name,
      kind,
      resource: textAt(definition, 'spec', 'names', 'plural'),
      isNamespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
      hasStatus,
      hasGeneration: true,
      verbs: allVerbs,
      type: typeFromSchema(kind, schema, metadataType()),
      defaults: (object) => {
        const filled = defaultFromSchema(object, schema);
        return isObject(filled) ? filled : object;
      },
      // A status subresource alone writes the status.
      prepareCreate: (object) => (hasStatus ? withoutStatus(object) : object),
      validate: (next) => validateAgainstSchema(next, schema),
    };
  });
}

function withoutStatus(object: ValueObject): ValueObject {
  const { status: _, ...rest } = object;
  return rest;
}

function metadataType() {
  const field = builtinKinds[0]?.type.fields.get('metadata');
  assert(field !== undefined, 'every built-in kind has metadata');
  return field.type;
}
