import type { ObjectRef } from '@flotilla/shared/model';
import { formatRef, groupKindKey } from '@flotilla/shared/model';
import { attemptKey, ensureAttempt } from './attempts.ts';
import { decideObject } from './decide.ts';
import type { DesiredObject, Goal, PlanInput, UnplacedObject } from './goal.ts';
import type { Blocked, Drifted } from './plan.ts';
import { stages } from './stages.ts';
import type { Step, StepOf } from './step.ts';
import { type Decided, waitingForHooks, waitingForNamespaces } from './waits.ts';
import { waitingForOrder } from './waits-for-order.ts';

/** What is to be done about all wanted objects. */
export interface ApplyPlan {
  /** Reads, dry runs and comparisons: they change nothing on the cluster. */
  readonly inquiries: readonly Step[];
  /** Writes of the first stage that has any. */
  readonly writes: readonly Step[];
  readonly blocked: readonly Blocked[];
  readonly drifted: readonly Drifted[];
  readonly done: readonly DesiredObject[];
  /** Everything is done, nothing unplaced. */
  readonly isComplete: boolean;
}

/** How soon discovery is asked again for kinds whose definition is established. */
export const rediscoverAfterMs = 300;

type ContentGoal = Extract<Goal, { kind: 'content' }>;

/** Decides about every wanted object and orders the writes by stage. */
export function planApply(goal: ContentGoal, input: PlanInput): ApplyPlan {
  const decided = goal.objects.map((object) => ({ object, decision: decideObject(object, input) }));
  const done = decided.filter((one) => one.decision.kind === 'done').map((one) => one.object);
  const waits = [
    ...waitingForNamespaces(decided, input),
    ...waitingForHooks(decided, input),
    ...goal.unplaced.map((one) => describeUnplaced(one)),
  ];
  const waiting = new Set(waits.map((one) => one.subject));
  const inOrder = waitingForOrder(decided, goal, input).filter((one) => !waiting.has(one.subject));
  const blocked = [...decided.flatMap(blockOf), ...waits, ...inOrder];
  const base = { blocked, drifted: decided.flatMap(driftOf), done };
  const isComplete = done.length === goal.objects.length && goal.unplaced.length === 0;
  const inquiries = inquiriesOf(decided, goal, input);
  if (inquiries.length > 0) return { ...base, inquiries, writes: [], isComplete };
  const ready = decided.filter((one) => !waiting.has(formatRef(one.object.ref)));
  const later = new Set(inOrder.map((one) => one.subject));
  return { ...base, ...writesOf({ ready, later, goal, input }), isComplete };
}

/** Reads come first, all at once: a decision on half of the facts would be taken twice. */
function inquiriesOf(decided: readonly Decided[], goal: ContentGoal, input: PlanInput): readonly Step[] {
  const unread = decided.filter((one) => one.decision.kind === 'read').map((one) => one.object.ref);
  const refs = [...unread, ...namespaceToRead(decided, goal, input)];
  if (refs.length > 0) return [{ kind: 'read-objects', refs }];
  return goal.unplaced.length > 0 && isDiscoveryDue(goal, input)
    ? [{ kind: 'rediscover', kinds: goal.unplaced.map((one) => groupKindKey(one.kind)) }]
    : [];
}

/** Discovery lags behind a definition that became ready by a moment: it is asked again soon, otherwise once. */
function isDiscoveryDue(goal: ContentGoal, input: PlanInput): boolean {
  const askedAtMs = input.attempts.rediscoveredAtMs;
  const isReady = goal.unplaced.some((one) => one.isDefinedHere && isDefinitionReady(one, goal, input));
  if (isReady) return askedAtMs === undefined || input.nowMs >= askedAtMs + rediscoverAfterMs;
  return askedAtMs === undefined && goal.unplaced.some((one) => !one.isDefinedHere);
}

interface WritesInput {
  /** What is not held by a namespace or a hook. */
  readonly ready: readonly Decided[];
  /** Of these, whose turn has not come: their order asks for others first. As formatRef(). */
  readonly later: ReadonlySet<string>;
  readonly goal: ContentGoal;
  readonly input: PlanInput;
}

function writesOf({ ready, later, goal, input }: WritesInput): Pick<ApplyPlan, 'inquiries' | 'writes'> {
  const isDue = (one: Decided) => !later.has(formatRef(one.object.ref));
  const isAtomic = input.policy.mode === 'atomic';
  // In an atomic set everything is tried out before the first is written, whoever's turn it is.
  const decided = isAtomic ? ready : ready.filter(isDue);
  const ensure = ensureNamespace(decided, goal, input);
  if (ensure !== undefined) return { inquiries: [], writes: [ensure] };
  const inquiries = decided.flatMap(inquiryOf);
  const pending = decided.filter((one) => one.decision.kind === 'apply' || one.decision.kind === 'replace');
  if (isAtomic) return atomicWrites({ decided, pending, isDue, inquiries, goal, input });
  // Comparisons and proofs run beside the writes of their stage and hold up the stages after it.
  const stage = Math.min(...[...pending, ...decided.filter(isInquiring)].map((one) => one.object.stage));
  const now = pending.filter((one) => one.object.stage === stage);
  return { inquiries, writes: now.flatMap((one) => writeOf(one, input)) };
}

interface AtomicInput {
  readonly decided: readonly Decided[];
  readonly pending: readonly Decided[];
  readonly isDue: (one: Decided) => boolean;
  readonly inquiries: readonly Step[];
  readonly goal: ContentGoal;
  readonly input: PlanInput;
}

/**
 * Atomic: definitions and namespaces go first, because nothing else can be validated without them; then every object
 * passes a dry run before the first is written. One failure, wait or unplaced object holds all of them.
 */
function atomicWrites({
  decided,
  pending,
  isDue,
  inquiries,
  goal,
  input,
}: AtomicInput): Pick<ApplyPlan, 'inquiries' | 'writes'> {
  const foundations = pending.filter((one) => one.object.stage === stages.foundations);
  if (foundations.length > 0) return { inquiries, writes: foundations.flatMap((one) => writeOf(one, input)) };
  const rest = pending.filter((one) => one.object.stage !== stages.foundations);
  const untried = rest.filter(
    (one) => one.decision.kind === 'apply' && !input.attempts.dryRunPassed.has(attemptKey(one.object)),
  );
  const dryRuns: readonly Step[] = untried.flatMap(({ object, decision }) =>
    decision.kind === 'apply' ? [{ kind: 'dry-run', object, force: decision.force }] : [],
  );
  if (inquiries.length + dryRuns.length > 0) return { inquiries: [...inquiries, ...dryRuns], writes: [] };
  const isHeld = goal.unplaced.length > 0 || decided.length < goal.objects.length;
  if (isHeld || decided.some((one) => one.decision.kind === 'blocked')) return { inquiries: [], writes: [] };
  const due = rest.filter(isDue);
  const stage = Math.min(...due.map((one) => one.object.stage));
  const now = due.filter((one) => one.object.stage === stage);
  return { inquiries: [], writes: now.flatMap((one) => writeOf(one, input)) };
}

function isInquiring(one: Decided): boolean {
  return one.decision.kind === 'compare' || one.decision.kind === 'prove';
}

function inquiryOf({ object, decision }: Decided): readonly Step[] {
  if (decision.kind === 'compare') return [{ kind: 'compare', object }];
  if (decision.kind === 'prove') return [{ kind: 'prove-create', object }];
  return [];
}

function writeOf({ object, decision }: Decided, input: PlanInput): readonly Step[] {
  if (decision.kind === 'apply')
    return [
      {
        kind: 'apply',
        object,
        force: decision.force,
        reason: decision.reason,
        handOver: handOverOf(object, input),
      },
    ];
  if (decision.kind !== 'replace') return [];
  const { ref, key, uid, resourceVersion } = decision.live;
  return [{ kind: 'delete', ref, key, uid, resourceVersion, cause: { kind: 'replace', hash: object.hash } }];
}

/** Pointers that an earlier payload carried and this one leaves out: without a hand-over the server would drop them. */
function handOverOf(object: DesiredObject, input: PlanInput): readonly string[] {
  const entry = input.inventory.entries.get(object.key);
  if (entry?.uid === undefined) return [];
  return object.leftToOthers.filter((pointer) => !entry.leftToOthers.includes(pointer));
}

function describeUnplaced(one: UnplacedObject): Blocked {
  const subject = `${one.kind.kind} ${one.name}`;
  const kind = `${groupKindKey(one.kind)} at version ${one.kind.version}`;
  const common = { subject, isFinal: false, ref: undefined };
  if (one.isDefinedHere)
    return { ...common, code: 'WaitingForDefinition', text: `${subject} waits until kind ${kind} is served` };
  if (!one.isUnreadable && one.servedVersion !== undefined)
    return {
      ...common,
      isFinal: true,
      code: 'VersionNotServed',
      text: `${subject}: the cluster serves kind ${groupKindKey(one.kind)} at version ${one.servedVersion}, not ${one.kind.version}: change apiVersion`,
    };
  if (one.isUnreadable)
    return {
      ...common,
      code: 'DiscoveryFailed',
      text: `${subject}: the API group of kind ${kind} cannot be read now`,
    };
  return {
    ...common,
    code: 'KindNotServed',
    text: `${subject}: the cluster does not serve kind ${kind}; install its definition`,
  };
}

function isDefinitionReady(one: UnplacedObject, goal: ContentGoal, input: PlanInput): boolean {
  const definition = goal.objects.find(
    ({ definesKind }) => definesKind?.group === one.kind.group && definesKind.kind === one.kind.kind,
  );
  const sight = definition === undefined ? undefined : input.live.get(definition.key);
  return sight?.kind === 'present' && sight.health === 'Current';
}

function namespaceRef(name: string): ObjectRef {
  return { group: '', version: 'v1', kind: 'Namespace', namespace: undefined, name };
}

/** Whether the namespace exists matters only while something is to be made in it: what is there to be changed has one. */
function needsNamespace(
  decided: readonly Decided[],
  goal: ContentGoal,
  input: PlanInput,
): string | undefined {
  const name = goal.ensureNamespace;
  const isNeeded = decided.some(
    ({ object, decision }) =>
      decision.kind === 'apply' &&
      object.ref.namespace === name &&
      input.live.get(object.key)?.kind === 'absent',
  );
  return name !== undefined && isNeeded ? name : undefined;
}

function namespaceToRead(
  decided: readonly Decided[],
  goal: ContentGoal,
  input: PlanInput,
): readonly ObjectRef[] {
  const name = needsNamespace(decided, goal, input);
  return name === undefined || input.live.has(`Namespace//${name}`) ? [] : [namespaceRef(name)];
}

function ensureNamespace(
  decided: readonly Decided[],
  goal: ContentGoal,
  input: PlanInput,
): StepOf<'ensure-namespace'> | undefined {
  const name = needsNamespace(decided, goal, input);
  if (name === undefined || input.live.get(`Namespace//${name}`)?.kind !== 'absent') return undefined;
  if (input.attempts.failures.has(attemptKey({ key: `Namespace//${name}`, hash: ensureAttempt })))
    return undefined;
  return { kind: 'ensure-namespace', name };
}

function blockOf({ decision }: Decided): readonly Blocked[] {
  return decision.kind === 'blocked' ? [decision.blocked] : [];
}

function driftOf({ object, decision }: Decided): readonly Drifted[] {
  return decision.kind === 'done' && decision.drift !== undefined
    ? [{ ref: object.ref, kind: decision.drift }]
    : [];
}
