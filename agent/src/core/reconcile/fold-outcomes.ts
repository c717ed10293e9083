import type { ObjectRef } from '@flotilla/shared/model';
import { objectKey } from '@flotilla/shared/model';
import {
  emptyInventory,
  type Inventory,
  type InventoryEntry,
  type LiveObject,
  withEntries,
} from '../inventory/index.ts';
import {
  type Attempts,
  attemptKey,
  deleteAttempt,
  ensureAttempt,
  type Failure,
  type Step,
  type StepOf,
} from '../plan/index.ts';

/** How one performed step ended. */
export type StepOutcome =
  | {
      readonly step: Step;
      readonly isDone: true;
      /** After an apply: the object as it is now. */
      readonly live?: LiveObject;
      /** After `prove-gone`: the kinds that are gone for sure. */
      readonly gone?: readonly string[];
    }
  | { readonly step: Step; readonly isDone: false; readonly failure: Failure };

/** What planning remembers between two plans. */
export interface PlanMemory {
  readonly inventory: Inventory;
  /** As the state store has it: the same object when nothing is unsaved. */
  readonly persisted: Inventory;
  readonly attempts: Attempts;
}

/** Takes the outcomes of one plan's steps into memory. Steps of one plan are independent, so their order is ours. */
export function foldOutcomes(
  memory: PlanMemory,
  outcomes: readonly StepOutcome[],
  nowMs: number,
): PlanMemory {
  // A journal that was written replaces the inventory; what was learned beside it comes on top.
  const journalFirst = [...outcomes].sort((left, right) => rank(left) - rank(right));
  const changes = newChanges(memory.attempts);
  let { inventory, persisted } = memory;
  for (const outcome of journalFirst) {
    const { step } = outcome;
    if (!outcome.isDone) {
      noteFailure(changes, step, outcome.failure);
      continue;
    }
    switch (step.kind) {
      case 'write-journal':
        inventory = step.inventory;
        persisted = step.inventory;
        break;
      case 'write-parent':
        inventory = { ...inventory, parentScope: step.scope, parentVersion: step.version };
        break;
      case 'forget-assignment':
        inventory = emptyInventory;
        persisted = emptyInventory;
        break;
      case 'apply':
        if (outcome.live !== undefined) changes.put.push(appliedEntry(inventory, step, outcome.live));
        changes.failures.delete(attemptKey(step.object));
        break;
      case 'dry-run':
        changes.dryRunPassed.add(attemptKey(step.object));
        break;
      case 'compare':
        changes.foundEqual.add(attemptKey(step.object));
        break;
      case 'prove-create':
        changes.provenCreatable.add(attemptKey(step.object));
        break;
      case 'rediscover':
        changes.rediscoveredAtMs = nowMs;
        break;
      case 'prove-gone':
        changes.rediscoveredAtMs = nowMs;
        for (const kind of step.kinds) changes.gone.set(kind, outcome.gone?.includes(kind) === true);
        break;
      case 'read-objects':
      case 'ensure-namespace':
      case 'delete':
      case 'release':
        // What became of the objects shows in the live view.
        break;
    }
  }
  const put = [...changes.put, ...notedEntries(inventory, changes.notes)].filter((entry) =>
    isNews(inventory, entry),
  );
  return {
    inventory: put.length === 0 ? inventory : withEntries(inventory, put),
    persisted,
    attempts: attemptsOf(changes),
  };
}

interface Changes {
  readonly failures: Map<string, Failure>;
  readonly dryRunPassed: Set<string>;
  readonly foundEqual: Set<string>;
  readonly provenCreatable: Set<string>;
  rediscoveredAtMs: number | undefined;
  readonly gone: Map<string, boolean>;
  general: Failure | undefined;
  readonly put: InventoryEntry[];
  /** By object key: why its delete did not happen. */
  readonly notes: Map<string, string>;
}

function newChanges(attempts: Attempts): Changes {
  return {
    failures: new Map(attempts.failures),
    dryRunPassed: new Set(attempts.dryRunPassed),
    foundEqual: new Set(attempts.foundEqual),
    provenCreatable: new Set(attempts.provenCreatable),
    rediscoveredAtMs: attempts.rediscoveredAtMs,
    gone: new Map(attempts.gone),
    general: attempts.general,
    put: [],
    notes: new Map(),
  };
}

function attemptsOf(changes: Changes): Attempts {
  const { put: _put, notes: _notes, ...attempts } = changes;
  return attempts;
}

function rank({ step }: StepOutcome): number {
  return step.kind === 'write-journal' ? 0 : 1;
}

function noteFailure(changes: Changes, step: Step, failure: Failure): void {
  switch (step.kind) {
    case 'apply':
    case 'dry-run':
    case 'compare':
    case 'prove-create':
      // What the server would not even create anew cannot be replaced either.
      changes.failures.set(
        attemptKey(step.object),
        step.kind === 'prove-create'
          ? { ...failure, severity: failure.severity === 'passing' ? 'passing' : 'final' }
          : failure,
      );
      return;
    case 'delete':
      if (step.cause.kind === 'replace') {
        changes.failures.set(attemptKey({ key: step.key, hash: step.cause.hash }), withoutReplacing(failure));
        return;
      }
      noteStuck(changes, step.key, failure);
      return;
    case 'release':
      noteStuck(changes, step.key, failure);
      return;
    case 'ensure-namespace':
      changes.failures.set(attemptKey({ key: namespaceKey(step.name), hash: ensureAttempt }), failure);
      changes.general = failure;
      return;
    case 'read-objects':
    case 'rediscover':
    case 'prove-gone':
    case 'write-journal':
    case 'write-parent':
    case 'forget-assignment':
      changes.general = failure;
  }
}

function withoutReplacing(failure: Failure): Failure {
  return failure.severity === 'immutable' ? { ...failure, severity: 'final' } : failure;
}

function noteStuck(changes: Changes, key: string, failure: Failure): void {
  changes.failures.set(attemptKey({ key, hash: deleteAttempt }), failure);
  changes.notes.set(key, failure.reason.text);
}

function namespaceKey(name: string): string {
  const ref: Pick<ObjectRef, 'group' | 'kind' | 'namespace' | 'name'> = {
    group: '',
    kind: 'Namespace',
    namespace: undefined,
    name,
  };
  return objectKey(ref);
}

function appliedEntry(inventory: Inventory, step: StepOf<'apply'>, live: LiveObject): InventoryEntry {
  const { object } = step;
  const before = inventory.entries.get(object.key);
  return {
    ref: object.ref,
    uid: live.uid,
    renderedHash: object.hash,
    ownedFields: live.ownedFields,
    phase: 'applied',
    note: '',
    leftToOthers: object.leftToOthers,
    isFinished: before?.renderedHash === object.hash && before.uid === live.uid && before.isFinished,
  };
}

function notedEntries(inventory: Inventory, notes: ReadonlyMap<string, string>): readonly InventoryEntry[] {
  return [...notes].flatMap(([key, note]) => {
    const entry = inventory.entries.get(key);
    return entry === undefined ? [] : [{ ...entry, note }];
  });
}

/** A correction that ends where it began leaves the inventory as it is, so that nothing is written to the store. */
function isNews(inventory: Inventory, entry: InventoryEntry): boolean {
  const before = inventory.entries.get(objectKey(entry.ref));
  if (before === undefined) return true;
  return (
    before.uid !== entry.uid ||
    before.renderedHash !== entry.renderedHash ||
    before.ownedFields !== entry.ownedFields ||
    before.phase !== entry.phase ||
    before.note !== entry.note ||
    before.isFinished !== entry.isFinished ||
    before.ref.version !== entry.ref.version ||
    before.leftToOthers.join() !== entry.leftToOthers.join()
  );
}

/** Marks Jobs that ran to their end and are cleaned up by their TTL, so that they are not run again. Same object when none. */
export function markFinished(inventory: Inventory, finished: Iterable<string>): Inventory {
  const put = [...finished].flatMap((key) => {
    const entry = inventory.entries.get(key);
    return entry === undefined || entry.isFinished ? [] : [{ ...entry, isFinished: true }];
  });
  return put.length === 0 ? inventory : withEntries(inventory, put);
}
