import { formatRef } from '@flotilla/shared/model';
import { type InventoryEntry, type LiveObject, nameMark, ownershipOf } from '../inventory/index.ts';
import { attemptKey, type Failure } from './attempts.ts';
import type { Claim, DesiredObject, LiveSight, PlanInput } from './goal.ts';
import type { Blocked, Drifted } from './plan.ts';
import type { ApplyReason } from './step.ts';

/** What is to be done about one wanted object, leaving aside its neighbours. */
export type Decision =
  /** It is as rendered. */
  | { readonly kind: 'done'; readonly drift: Drifted['kind'] | undefined }
  /** It was not looked at. */
  | { readonly kind: 'read' }
  /** Nothing can be done now. */
  | { readonly kind: 'blocked'; readonly blocked: Blocked }
  /** A foreign object exists: is it the same? */
  | { readonly kind: 'compare' }
  /** An update is impossible: would a fresh one be taken? */
  | { readonly kind: 'prove' }
  /** Delete it, then apply it as new. */
  | { readonly kind: 'replace'; readonly live: LiveObject }
  | { readonly kind: 'apply'; readonly force: boolean; readonly reason: ApplyReason };

/** Decides about one wanted object. */
export function decideObject(object: DesiredObject, input: PlanInput): Decision {
  const sight = input.live.get(object.key);
  const entry = input.inventory.entries.get(object.key);
  // A Job that ran and was cleaned up by its TTL is done; making it again would run it again.
  const isFinished = entry?.isFinished === true && entry.renderedHash === object.hash;
  if (isFinished && sight?.kind !== 'present') return { kind: 'done', drift: undefined };
  if (sight === undefined) return { kind: 'read' };
  if (sight.kind === 'unreadable')
    return { kind: 'blocked', blocked: { ...sight.reason, isFinal: sight.isFinal, ref: object.ref } };
  const isOurs = sight.kind === 'present' && entry?.uid === sight.object.uid && isMember(sight.object, input);
  const claim = input.policy.claims.get(object.key);
  // What is ours is kept up until the one with the better claim has taken it: nothing is without an owner in between.
  if (claim !== undefined && claim.winner !== input.policy.placement && !isOurs)
    return lost(object, claim, sight);
  const failure = input.attempts.failures.get(attemptKey(object));
  if (failure !== undefined) return afterFailure(object, failure, { sight, input });
  if (sight.kind === 'absent') return decideAbsent(object, entry, input);
  if (sight.object.isDeleting)
    return blocked(object, 'Terminating', 'is being deleted; applied again when gone');
  if (entry !== undefined && entry.uid === sight.object.uid)
    return decideOwned(object, { entry, live: sight.object, input });
  return decideForeign(object, sight.object, input);
}

function afterFailure(
  object: DesiredObject,
  failure: Failure,
  context: { readonly sight: LiveSight; readonly input: PlanInput },
): Decision {
  const { sight, input } = context;
  const given = { ...failure.reason, isFinal: failure.severity === 'final', ref: object.ref };
  if (failure.severity !== 'immutable') return { kind: 'blocked', blocked: given };
  const final = { kind: 'blocked', blocked: { ...given, isFinal: true } } as const;
  if (!isReplaceable(object) || sight.kind === 'unreadable') return final;
  // The old one is gone already: what remains is to create.
  if (sight.kind === 'absent') return { kind: 'apply', force: false, reason: 'changed' };
  const entry = input.inventory.entries.get(object.key);
  const live = sight.object;
  if (live.isDeleting) return blocked(object, 'Terminating', 'is being deleted; applied again when gone');
  const isOurs = entry?.uid === live.uid && ownership(live, input) === 'member';
  if (!isOurs) return final;
  return input.attempts.provenCreatable.has(attemptKey(object))
    ? { kind: 'replace', live }
    : { kind: 'prove' };
}

/** Kinds whose objects may be deleted to be made anew: a Job is an order to run something once more. */
function isReplaceable(object: DesiredObject): boolean {
  return object.ref.kind === 'Job' && object.ref.group === 'batch';
}

function decideAbsent(object: DesiredObject, entry: InventoryEntry | undefined, input: PlanInput): Decision {
  const isSame = entry?.renderedHash === object.hash;
  if (isSame && entry.phase === 'applied') return decideDrift(object, 'missing', input);
  return { kind: 'apply', force: false, reason: entry?.uid === undefined ? 'new' : 'changed' };
}

interface Owned {
  readonly entry: InventoryEntry;
  readonly live: LiveObject;
  readonly input: PlanInput;
}

function decideOwned(object: DesiredObject, { entry, live, input }: Owned): Decision {
  const kind = ownership(live, input);
  if (kind === 'other-assignment' || kind === 'other-set' || kind === 'other-agent')
    return decideForeign(object, live, input);
  if (entry.renderedHash !== object.hash) return { kind: 'apply', force: true, reason: 'changed' };
  const isIntact = kind === 'member' && live.ownedFields === entry.ownedFields;
  return isIntact ? { kind: 'done', drift: undefined } : decideDrift(object, 'changed', input);
}

function decideDrift(object: DesiredObject, kind: Drifted['kind'], input: PlanInput): Decision {
  const isHeld = input.policy.drift === 'report' || input.policy.fights.has(object.key);
  return isHeld
    ? { kind: 'done', drift: kind }
    : { kind: 'apply', force: kind === 'changed', reason: 'drift' };
}

/** The object exists and is not in our inventory: the take-over policy decides. */
function decideForeign(object: DesiredObject, live: LiveObject, input: PlanInput): Decision {
  const kind = ownership(live, input);
  const { takeOver, takeOverFrom } = input.policy;
  if (kind === 'other-assignment') {
    if (isOtherAgents(live, input)) {
      const text = `belongs to assignment ${live.assignment} of ${nameMark(live.owner ?? '')}`;
      return blocked(object, 'OwnedByAgent', text, true);
    }
    const isLoser = input.policy.claims.get(object.key)?.rivals.includes(live.assignment ?? '') === true;
    if (isLoser || live.assignment === takeOverFrom)
      return { kind: 'apply', force: true, reason: 'take-over' };
    const text = `belongs to assignment ${live.assignment}: take it out of one of the two placements, or set takeOverFrom`;
    return ownedBy(live.assignment, blocked(object, 'OwnedByAssignment', text, true));
  }
  if (kind === 'other-set')
    return blocked(object, 'OwnedByApplySet', `is a member of ApplySet ${live.partOf} of another tool`, true);
  if (kind === 'other-agent')
    return blocked(
      object,
      'OwnedByAgent',
      `belongs to ${nameMark(live.owner ?? '')}, which keeps a set of the same name`,
      true,
    );
  // Applied by this agent and released since, or a take-over that a death cut off: nobody else's fields are at stake, and
  // conflicts are refused unless the policy says otherwise.
  if (kind === 'unlabelled') return { kind: 'apply', force: takeOver === 'always', reason: 'take-over' };
  if (live.controller !== undefined)
    return blocked(object, 'OwnedByController', `is controlled by ${live.controller}`, true);
  if (takeOver === 'always') return { kind: 'apply', force: true, reason: 'take-over' };
  if (takeOver === 'never') {
    const text = 'exists already and is not ours; takeover: never forbids taking it over';
    return blocked(object, 'AlreadyExists', text, true);
  }
  const isEqual = input.attempts.foundEqual.has(attemptKey(object));
  return isEqual ? { kind: 'apply', force: true, reason: 'take-over' } : { kind: 'compare' };
}

/** Another held assignment has the better claim. */
function lost(object: DesiredObject, { winner, why }: Claim, sight: LiveSight): Decision {
  const isTheirs = sight.kind === 'present' && sight.object.assignment === winner;
  const whose = isTheirs ? 'belongs to' : 'is wanted by';
  const text = `${whose} assignment ${winner}, ${why}: take it out of one of the two placements`;
  return ownedBy(winner, blocked(object, 'OwnedByAssignment', text, true));
}

function ownedBy(owner: string | undefined, decision: Decision): Decision {
  if (decision.kind !== 'blocked') return decision;
  return { ...decision, blocked: { ...decision.blocked, ownedBy: owner } };
}

function isMember(live: LiveObject, input: PlanInput): boolean {
  return ownership(live, input) === 'member';
}

/** Marked by an agent of another hub or registration, whatever assignment it names. */
function isOtherAgents({ owner }: LiveObject, { policy }: PlanInput): boolean {
  return owner !== undefined && policy.owner !== undefined && owner !== policy.owner;
}

function ownership(live: LiveObject, input: PlanInput) {
  return ownershipOf(live, input.policy);
}

function blocked(
  object: DesiredObject,
  code: string,
  ...rest: readonly [text: string, isFinal?: true]
): Decision {
  const [text, isFinal = false] = rest;
  const subject = formatRef(object.ref);
  return {
    kind: 'blocked',
    blocked: { code, text: `${subject} ${text}`, subject, isFinal, ref: object.ref },
  };
}
