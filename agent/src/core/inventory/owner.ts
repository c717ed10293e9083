import type { ClusterUid, HubId } from '@flotilla/shared/base';
import type { ObjectRef } from '@flotilla/shared/model';
import { apiVersionOf } from '@flotilla/shared/model';
import { assignmentCrdName, assignmentKind, ownerAnnotation } from './names.ts';

/** Whose agent keeps the sets of a cluster: one registration at one hub. Joining again with --rejoin keeps both. */
export interface SetOwner {
  readonly hubId: HubId;
  readonly clusterUid: ClusterUid;
}

/** The mark on a parent: `<hub id>/<cluster uid>`. */
export function formatOwner(owner: SetOwner): string {
  return `${owner.hubId}/${owner.clusterUid}`;
}

/**
 * Why a parent with this mark is not this agent's, and what a person can do; undefined = it is ours, or carries no mark:
 * agents before the mark wrote none, and a person who takes it off hands the set over.
 */
export function foreignOwner(ref: ObjectRef, mark: string | undefined, own: SetOwner): string | undefined {
  if (mark === undefined || mark === '' || mark === formatOwner(own)) return undefined;
  return [
    `${ref.kind} ${ref.name} belongs to ${nameMark(mark)}; this agent is cluster uid ${own.clusterUid} of hub ${own.hubId}: nothing is touched.`,
    'Remove the other agent, or the placement there; or, to let this agent change and delete its objects, stop the other one and run:',
    handOverCommand(ref),
  ].join(' ');
}

/**
 * Why a set must not be begun whose parent is not there, although members of it are, marked by another agent: somebody
 * deleted the parent by hand, and its agent makes it anew.
 */
export function foreignMember(
  parent: ObjectRef,
  member: { readonly name: string; readonly mark: string },
): string {
  return [
    `${member.name} belongs to ${nameMark(member.mark)}, and its parent ${parent.kind} ${parent.name} is gone: nothing is touched, that agent makes it anew.`,
    'Or, to let this agent change and delete those objects, stop the other one and run:',
    `echo '${JSON.stringify(bareParent(parent))}' | kubectl create -f -`,
  ].join(' ');
}

/** A parent without a mark: the next agent that looks makes it its own. */
function bareParent({ kind, name, namespace, ...ref }: ObjectRef) {
  return { apiVersion: apiVersionOf(ref), kind, metadata: { name, ...(namespace && { namespace }) } };
}

/** What a person runs to take the mark off a parent; the next agent that looks makes it its own. */
function handOverCommand(ref: ObjectRef): string {
  const kind = ref.kind === assignmentKind ? assignmentCrdName : ref.kind.toLowerCase();
  const namespace = ref.namespace === undefined ? '' : ` -n ${ref.namespace}`;
  return `kubectl annotate ${kind} ${ref.name}${namespace} ${ownerAnnotation}-`;
}

/** A mark in words. */
export function nameMark(mark: string): string {
  const [hubId, clusterUid, ...more] = mark.split('/');
  if (!hubId || !clusterUid || more.length > 0) return `the owner ${JSON.stringify(mark)}`;
  return `cluster uid ${clusterUid} of hub ${hubId}`;
}
