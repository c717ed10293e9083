import type { Json, PlacementName } from '@flotilla/shared/base';
import { digestOf } from '@flotilla/shared/base';
import type { GroupKind, IgnoreRule, KubeObject, ObjectRef } from '@flotilla/shared/model';
import { formatRef, groupKindKey, groupVersionOf, objectKey } from '@flotilla/shared/model';
import { textAt } from '../health/fields.ts';
import {
  applySetPrefix,
  assignmentCrdName,
  assignmentKind,
  assignmentLabel,
  flotillaGroup,
  handedOverAnnotation,
  ownerAnnotation,
} from '../inventory/index.ts';
import {
  type DesiredObject,
  hookPhase,
  type OrderWish,
  parseOrder,
  stageOfObject,
  type UnplacedObject,
} from '../plan/index.ts';
import { type LocalPolicy, refuseObject } from '../policy/index.ts';
import type { KindTable, ServedKind } from './kinds.ts';
import { autoscaledTargets, makePayload } from './payload.ts';
import { placeOrder } from './place-order.ts';
import {
  formatOrigin,
  type Origin,
  problem,
  type RenderProblem,
  type SourceObject,
} from './source-object.ts';

/** A wanted object with what is sent for it. */
export interface PlacedObject extends DesiredObject {
  /** The whole payload as JSON text: parsed only when it is sent, because thousands are kept. */
  readonly payload: string;
  readonly origin: Origin;
}

/** What decides where objects go and what is sent. */
export interface PlaceOptions {
  readonly kinds: KindTable;
  readonly placement: PlacementName;
  readonly setId: string;
  /** Mark of this agent on its members. */
  readonly owner: string;
  /** For namespaced objects that name none. */
  readonly namespace: string | undefined;
  /** The agent's own namespace: nothing may be put there. */
  readonly agentNamespace: string;
  /** What the cluster accepts; undefined = everything. */
  readonly policy?: LocalPolicy | undefined;
  readonly ignore: readonly IgnoreRule[];
  /** Workloads whose replicas an autoscaler outside the set decides, by key. */
  readonly autoscaledElsewhere: ReadonlySet<string>;
}

/** The objects in their places. With a problem, nothing of it may be applied. */
export interface Placing {
  readonly placed: readonly PlacedObject[];
  readonly unplaced: readonly UnplacedObject[];
  readonly problems: readonly RenderProblem[];
}

/** Gives each object its namespace by the real scope of its kind, and refuses what no assignment may touch. */
export function placeObjects(sources: readonly SourceObject[], options: PlaceOptions): Placing {
  const problems: RenderProblem[] = [];
  const unplaced: UnplacedObject[] = [];
  const located: Located[] = [];
  const defined = new Map(sources.flatMap((source) => definedKind(source.object)));
  for (const source of sources) {
    const refusal = refusalOf(source.object, options);
    if (refusal !== undefined) {
      problems.push(problem(refusal.code, refusal.text, { origin: source.origin }));
      continue;
    }
    const kind = kindOf(source.object);
    const served = options.kinds.find(kind);
    if (served === undefined) {
      unplaced.push({
        kind,
        name: source.object.metadata.name,
        isDefinedHere: defined.has(groupKindKey(kind)),
        isUnreadable: options.kinds.isUnreadable(kind.group),
        servedVersion: options.kinds.preferred(kind)?.version,
        ...waveOf(source.object),
      });
      continue;
    }
    const one = judge(locate(source, served, options), options);
    if ('code' in one) problems.push(one);
    else located.push(one);
  }
  problems.push(...duplicates(located));
  const scaled = autoscaledTargets(located.map((one) => one.object));
  const order = placeOrder(located, unplaced);
  problems.push(...order.problems);
  const finish = (one: Located) => finishObject(one, { ...options, scaled, needs: order.needs.get(one.key) });
  const results = located.map(finish);
  return {
    placed: results.flatMap((one) => ('payload' in one ? [one] : [])),
    unplaced,
    problems: [...problems, ...results.flatMap((one) => ('payload' in one ? [] : [one]))],
  };
}

interface Located {
  readonly object: KubeObject;
  readonly ref: ObjectRef;
  readonly key: string;
  readonly origin: Origin;
  readonly wish: OrderWish;
}

function kindOf(object: KubeObject) {
  return { ...groupVersionOf(object.apiVersion), kind: object.kind };
}

function locate(source: SourceObject, served: ServedKind, options: PlaceOptions): Located | RenderProblem {
  const { object, origin } = source;
  const order = parseOrder(object, kindOf(object));
  if (!order.ok)
    return problem('OrderInvalid', `${object.kind} ${object.metadata.name} ${order.error}`, { origin });
  const wish = order.value;
  const { namespace: named, ...metadata } = object.metadata;
  const kind = kindOf(object);
  if (!served.isNamespaced) {
    const ref = { ...kind, namespace: undefined, name: metadata.name };
    return { object: { ...object, metadata }, ref, key: objectKey(ref), origin, wish };
  }
  const namespace = named || options.namespace;
  const what = `${object.kind} ${metadata.name}`;
  if (namespace === undefined)
    return problem(
      'NamespaceMissing',
      `${what} names no namespace: name one, or set spec.namespace of the placement`,
      { origin },
    );
  if (namespace === options.agentNamespace)
    return problem(
      'OwnNamespace',
      `${what} is in ${namespace}, the agent's own namespace, which no assignment may touch`,
      { origin },
    );
  const ref = { ...kind, namespace, name: metadata.name };
  const key = objectKey(ref);
  return { object: { ...object, metadata: { ...metadata, namespace } }, ref, key, origin, wish };
}

/** The wave of an object that has no place yet; whatever is wrong with it shows when it has. */
function waveOf(object: KubeObject): Pick<UnplacedObject, 'wave'> {
  const order = parseOrder(object, kindOf(object));
  return order.ok && order.value.wave !== 0 ? { wave: order.value.wave } : {};
}

/** What the cluster does not accept is a mistake like any other: nothing of its set is applied. */
function judge(one: Located | RenderProblem, { policy }: PlaceOptions): Located | RenderProblem {
  const refusal = 'code' in one ? undefined : refuseObject(one.ref, policy);
  return refusal === undefined || 'code' in one
    ? one
    : problem('PolicyRefused', refusal.text, { origin: one.origin });
}

/** What no assignment may bring, whatever its namespace. */
function refusalOf(
  object: KubeObject,
  options: PlaceOptions,
): { readonly code: string; readonly text: string } | undefined {
  const { group } = groupVersionOf(object.apiVersion);
  const what = `${object.kind} ${object.metadata.name}`;
  const { labels, annotations } = object.metadata;
  const marks = [...Object.keys(labels ?? {}), ...Object.keys(annotations ?? {})];
  const foreign = marks.find((name) => name.startsWith(applySetPrefix) || isOurMark(name));
  // A definition may say that its objects can be parents; everything else marks a member or parent of somebody's set.
  if (foreign !== undefined && !(isDefinition(object) && foreign.endsWith('/is-parent-type')))
    return {
      code: 'ForeignSet',
      text: `${what} carries ${foreign}, which marks members of a set: take it out of the manifest`,
    };
  if (group === flotillaGroup && object.kind === assignmentKind)
    return { code: 'OwnObjects', text: `${what} is written by the agent itself` };
  if (isDefinition(object) && object.metadata.name === assignmentCrdName)
    return { code: 'OwnObjects', text: `${what} belongs to the agent's installation` };
  if (object.kind === 'Namespace' && group === '' && object.metadata.name === options.agentNamespace)
    return {
      code: 'OwnNamespace',
      text: `${what} is the agent's own namespace, which no assignment may touch`,
    };
  return undefined;
}

function isOurMark(name: string): boolean {
  return name === assignmentLabel || name === ownerAnnotation || name === handedOverAnnotation;
}

function isDefinition(object: KubeObject): boolean {
  return object.kind === 'CustomResourceDefinition' && object.apiVersion.startsWith('apiextensions.k8s.io/');
}

function definedKind(object: KubeObject): readonly (readonly [string, GroupKind])[] {
  if (!isDefinition(object)) return [];
  const kind = { group: textAt(object, ['spec', 'group']), kind: textAt(object, ['spec', 'names', 'kind']) };
  return [[groupKindKey(kind), kind]];
}

function duplicates(located: readonly Located[]): readonly RenderProblem[] {
  const first = new Map<string, Located>();
  return located.flatMap((one) => {
    const before = first.get(one.key);
    if (before === undefined) {
      first.set(one.key, one);
      return [];
    }
    const text = `${formatRef(one.ref)} is also in ${formatOrigin(before.origin)}: keep one`;
    return [problem('Duplicate', text, { origin: one.origin })];
  });
}

function finishObject(
  one: Located,
  options: PlaceOptions & {
    readonly scaled: ReadonlySet<string>;
    readonly needs: readonly string[] | undefined;
  },
): PlacedObject | RenderProblem {
  const isAutoscaled = options.scaled.has(one.key) || options.autoscaledElsewhere.has(one.key);
  const made = makePayload(one.object, { ...options, isAutoscaled });
  if (!made.ok) return problem('IgnoreBroken', made.error, { origin: one.origin });
  const [defines] = definedKind(one.object);
  return {
    ref: one.ref,
    key: one.key,
    // KubeObject is JSON: read from files and checked to carry nothing else.
    hash: digestOf(made.value.object as unknown as Json),
    stage: stageOfObject(one.object, one.ref),
    ...(hookPhase(one.object) === undefined ? {} : { holdsLater: true }),
    ...(one.wish.wave === 0 ? {} : { wave: one.wish.wave }),
    ...(options.needs === undefined ? {} : { needs: options.needs }),
    definesKind: defines?.[1],
    leftToOthers: made.value.leftToOthers,
    payload: JSON.stringify(made.value.object),
    origin: one.origin,
  };
}
