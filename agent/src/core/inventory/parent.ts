import type { Cause, KubeObject, ObjectRef } from '@flotilla/shared/model';
import { apiVersionOf, formatVersion, type RowVersion } from '@flotilla/shared/model';
import { applySet, applySetId, formatList, parseList, type SetScope, toolName, toolOf } from './applyset.ts';
import {
  assignmentKind,
  assignmentVersion,
  flotillaGroup,
  handedOverAnnotation,
  ownerAnnotation,
} from './names.ts';
import { foreignOwner, formatOwner, type SetOwner } from './owner.ts';

/** What stands above the members; fixed when the agent is installed, because it is part of every set's id. */
export type ParentKind = 'Assignment' | 'ConfigMap';

/** Names the parent of a placement's set. */
export function parentRef(kind: ParentKind, placement: string, agentNamespace: string): ObjectRef {
  if (kind === 'ConfigMap')
    return {
      group: '',
      version: 'v1',
      kind,
      namespace: agentNamespace,
      name: `flotilla-assignment-${placement}`,
    };
  return {
    group: flotillaGroup,
    version: assignmentVersion,
    kind: assignmentKind,
    namespace: undefined,
    name: placement,
  };
}

/** What people see in the parent's spec: which row wrote the members. */
export interface ParentFacts {
  readonly version: RowVersion;
  readonly cause: Cause;
  readonly repositoryUrl: string;
  readonly path: string;
  readonly commit: string;
}

/** The parent as it is applied. */
export function parentObject(options: {
  readonly ref: ObjectRef;
  readonly scope: SetScope;
  readonly agentVersion: string;
  readonly owner: SetOwner;
  readonly facts: ParentFacts | undefined;
}): KubeObject {
  const { ref, scope, facts } = options;
  const namespaces = scope.namespaces.filter((one) => one !== ref.namespace);
  return {
    apiVersion: apiVersionOf(ref),
    kind: ref.kind,
    metadata: {
      name: ref.name,
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      labels: { [applySet.idLabel]: applySetId(ref) },
      annotations: {
        [applySet.toolingAnnotation]: `${toolName}/${options.agentVersion}`,
        [ownerAnnotation]: formatOwner(options.owner),
        [applySet.groupKindsAnnotation]: formatList(scope.groupKinds),
        [applySet.namespacesAnnotation]: formatList(namespaces),
      },
    },
    // A ConfigMap has no spec; its data says the same.
    ...(facts === undefined ? {} : { [ref.kind === assignmentKind ? 'spec' : 'data']: specOf(facts) }),
  };
}

/** The parent of a set that was handed over, as it is applied: the next writes have to know it, too. */
export function withHandOver(parent: KubeObject): KubeObject {
  const annotations = { ...parent.metadata.annotations, [handedOverAnnotation]: 'true' };
  return { ...parent, metadata: { ...parent.metadata, annotations } };
}

/** What a live parent says, or why it must not be used. */
export type ParentReading =
  | {
      readonly kind: 'ours';
      readonly scope: SetScope;
      /** It carries no mark, or did not before this agent wrote it: members of any mark are taken over. */
      readonly isHandedOver: boolean;
    }
  | { readonly kind: 'refused'; readonly text: string };

/**
 * Reads a live parent: its id must be the one its name gives, its tool must be ours (KEP-3659, anti-impersonation), and
 * its mark must name this agent: the id comes from the placement's name alone, so another agent's set has the same.
 */
export function readParent(object: KubeObject, ref: ObjectRef, owner: SetOwner): ParentReading {
  const { labels, annotations } = object.metadata;
  const tooling = annotations?.[applySet.toolingAnnotation];
  const id = labels?.[applySet.idLabel];
  const name = `${ref.kind} ${ref.name}`;
  if (tooling !== undefined && toolOf(tooling) !== toolName)
    return {
      kind: 'refused',
      text: `${name} belongs to the tool ${JSON.stringify(toolOf(tooling))}: delete it, or rename the placement`,
    };
  if (id !== undefined && id !== applySetId(ref))
    return {
      kind: 'refused',
      text: `${name} carries the ApplySet id ${id} instead of its own ${applySetId(ref)}: remove the label`,
    };
  const foreign = foreignOwner(ref, annotations?.[ownerAnnotation], owner);
  if (foreign !== undefined) return { kind: 'refused', text: foreign };
  return {
    kind: 'ours',
    isHandedOver: !annotations?.[ownerAnnotation] || annotations[handedOverAnnotation] === 'true',
    // The parent's own namespace is left out of the annotation; no member may lie in the agent's namespace anyway.
    scope: {
      groupKinds: parseList(annotations?.[applySet.groupKindsAnnotation]),
      namespaces: parseList(annotations?.[applySet.namespacesAnnotation]),
    },
  };
}

function specOf(facts: ParentFacts) {
  return {
    version: formatVersion(facts.version),
    cause: facts.cause.kind === 'commit' ? `commit ${facts.cause.commit}` : `decision ${facts.cause.event}`,
    repository: facts.repositoryUrl,
    path: facts.path,
    commit: facts.commit,
  };
}
