import { describe, expect, it } from 'vitest';
import { emptyInventory, intendedEntry, withEntries } from '../inventory/index.ts';
import { attemptKey, deleteAttempt, type Failure, noAttempts, type Step } from '../plan/index.ts';
import { desire, liveOf } from '../plan/plan-world-fixture.ts';
import { foldOutcomes, markFinished, type PlanMemory } from './fold-outcomes.ts';

const object = desire('Job.batch', 'migrate');
const memory: PlanMemory = { inventory: emptyInventory, persisted: emptyInventory, attempts: noAttempts };
const failure = (severity: Failure['severity']): Failure => ({
  severity,
  reason: { code: 'No', text: 'no', subject: 'x' },
  retryAfterMs: undefined,
});
const apply: Step = { kind: 'apply', object, force: false, reason: 'new', handOver: [] };

function fold(step: Step, result: Failure | 'done', before: PlanMemory = memory): PlanMemory {
  const live = liveOf(object.ref, { uid: 'u', ownedFields: 'own' });
  const outcome =
    result === 'done'
      ? { step, isDone: true as const, live }
      : { step, isDone: false as const, failure: result };
  return foldOutcomes(before, [outcome], 5);
}

describe('foldOutcomes', () => {
  it('remembers what was applied, and forgets an earlier failure of it', () => {
    const failed = fold(apply, failure('passing'));
    expect(failed.attempts.failures.get(attemptKey(object))?.severity).toBe('passing');
    const done = fold(apply, 'done', failed);
    expect(done.attempts.failures.size).toBe(0);
    expect(done.inventory.entries.get(object.key)).toMatchObject({
      uid: 'u',
      renderedHash: 'h1',
      ownedFields: 'own',
      phase: 'applied',
    });
    expect(done.persisted).toBe(emptyInventory);
  });

  it('leaves the inventory alone when a correction ends where it began', () => {
    const done = fold(apply, 'done');
    expect(fold({ ...apply, reason: 'drift' }, 'done', done).inventory).toBe(done.inventory);
  });

  it('puts what was learned on top of a journal that was written beside it', () => {
    const inventory = withEntries(emptyInventory, [intendedEntry(object.ref)]);
    const scope = { groupKinds: ['Job.batch'], namespaces: ['shop'] };
    const folded = foldOutcomes(
      memory,
      [
        { step: { kind: 'write-parent', scope, version: '1.1' }, isDone: true },
        { step: { kind: 'write-journal', inventory }, isDone: true },
      ],
      0,
    );
    expect(folded.persisted).toBe(inventory);
    expect(folded.inventory).toMatchObject({
      entries: inventory.entries,
      parentScope: scope,
      parentVersion: '1.1',
    });
  });

  it('keeps the reason of a delete that failed with the object', () => {
    const owned = fold(apply, 'done');
    const step: Step = {
      kind: 'delete',
      ref: object.ref,
      key: object.key,
      uid: 'u',
      resourceVersion: '1',
      cause: { kind: 'removal' },
    };
    const folded = fold(step, failure('final'), owned);
    expect(folded.inventory.entries.get(object.key)?.note).toBe('no');
    expect(folded.attempts.failures.has(attemptKey({ key: object.key, hash: deleteAttempt }))).toBe(true);
  });

  it('does not try to replace what could not even be created', () => {
    const folded = fold({ kind: 'prove-create', object }, failure('immutable'));
    expect(folded.attempts.failures.get(attemptKey(object))?.severity).toBe('final');
  });

  it('stops everything when journal or parent cannot be written', () => {
    const step: Step = { kind: 'write-journal', inventory: emptyInventory };
    expect(fold(step, failure('passing')).attempts.general?.severity).toBe('passing');
    expect(fold(step, failure('passing')).persisted).toBe(emptyInventory);
  });

  it('marks finished Jobs once', () => {
    const { inventory } = fold(apply, 'done');
    const marked = markFinished(inventory, [object.key, 'unknown']);
    expect(marked.entries.get(object.key)?.isFinished).toBe(true);
    expect(markFinished(marked, [object.key])).toBe(marked);
  });
});
