import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareValues,
  difference,
  emptySet,
  fieldsOf,
  intersection,
  isEmptySet,
  mergeValues,
  union,
  withNamedFields,
} from '../fields/index.ts';
import { sampleObjects, sampleType } from '../fields/schema-fixture.ts';
import type { Value, ValueObject } from '../values.ts';
import { isEmptyValue, isEqual, isObject } from '../values.ts';
import type { Managers } from './managed-fields.ts';
import { managerKey } from './managed-fields.ts';
import type { ApplyOutcome } from './ownership.ts';
import { applyFields, updateOwners } from './ownership.ts';

interface World {
  readonly object: ValueObject;
  readonly managers: Managers;
}

const nothing: World = { object: {}, managers: new Map() };

function id(manager: string) {
  return { manager, operation: 'Apply', apiVersion: 'v1', subresource: '' } as const;
}

function apply(world: World, manager: string, applied: ValueObject, isForced = false): ApplyOutcome {
  return applyFields({
    live: world.object,
    applied,
    managers: world.managers,
    manager: id(manager),
    type: sampleType,
    withoutIgnored: (set) => set,
    isForced,
    time: 'now',
  });
}

function forced(world: World, manager: string, applied: ValueObject): World {
  const outcome = apply(world, manager, applied, true);
  if (outcome.kind !== 'merged') throw new Error('a forced apply has no conflicts');
  return outcome;
}

/** A world in which two managers applied something, one after the other. */
const worlds: fc.Arbitrary<World> = fc
  .tuple(sampleObjects(), sampleObjects())
  .map(([first, second]) => forced(forced(nothing, 'one', first), 'two', second));

/** The object without nulls, empty objects and empty lists. */
function withoutShells<T extends Value>(value: T): T {
  const isShell = (item: Value) => isEmptyValue(item);
  if (Array.isArray(value)) return value.map(withoutShells).filter((item) => !isShell(item)) as unknown as T;
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutShells(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => !isShell(item))) as unknown as T;
}

function owned(world: World, manager: string) {
  return world.managers.get(managerKey(id(manager)))?.fields;
}

describe('server-side apply', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(worlds, sampleObjects(), (world, applied) => {
        const once = forced(world, 'me', applied);
        const twice = forced(once, 'me', applied);

        expect(isEqual(twice.object, once.object)).toBe(true);
        expect(twice.managers).toEqual(once.managers);
      }),
    );
  });

  it('makes every stated value live', () => {
    fc.assert(
      fc.property(worlds, sampleObjects(), (world, applied) => {
        const { object } = forced(world, 'me', applied);

        // Laying the same statement over the outcome again changes no value.
        const again = mergeValues(object, applied, sampleType) as Value;
        const { modified } = compareValues(object, again, sampleType);
        expect(isEmptySet(modified)).toBe(true);
      }),
    );
  });

  it('either conflicts or leaves what others own as it is', () => {
    fc.assert(
      fc.property(worlds, sampleObjects(), (world, applied) => {
        const outcome = apply(world, 'me', applied);
        if (outcome.kind === 'conflicts') return;
        const changes = compareValues(world.object, outcome.object, sampleType);
        const changed = union(changes.modified, changes.added);
        for (const manager of ['one', 'two']) {
          const fields = owned(world, manager);
          if (fields !== undefined) expect(isEmptySet(intersection(fields, changed))).toBe(true);
        }
      }),
    );
  });

  it('never conflicts with oneself', () => {
    fc.assert(
      fc.property(sampleObjects(), sampleObjects(), (first, second) => {
        expect(apply(forced(nothing, 'me', first), 'me', second).kind).toBe('merged');
      }),
    );
  });

  it('takes what it changes by force from everybody else', () => {
    fc.assert(
      fc.property(worlds, sampleObjects(), (world, applied) => {
        const after = forced(world, 'me', applied);
        const changes = compareValues(world.object, after.object, sampleType);
        const changed = union(changes.modified, changes.added);
        for (const manager of ['one', 'two']) {
          const fields = owned(after, manager);
          if (fields !== undefined) expect(isEmptySet(intersection(fields, changed))).toBe(true);
        }
      }),
    );
  });

  it('takes away everything of a manager that states nothing any more, and nothing of others', () => {
    fc.assert(
      fc.property(sampleObjects(), sampleObjects(), (mine, theirs) => {
        const both = forced(forced(nothing, 'other', theirs), 'me', mine);
        const alone = forced(both, 'me', {});

        expect(owned(alone, 'me')).toBeUndefined();
        // What is left is owned by the other one, or an empty shell.
        const theirFields = withNamedFields(owned(alone, 'other') ?? emptySet, sampleType);
        const left = fieldsOf(withoutShells(alone.object), sampleType);
        expect(isEmptySet(difference(left, theirFields))).toBe(true);
        const { removed } = compareValues(both.object, alone.object, sampleType);
        expect(isEmptySet(intersection(theirFields, removed))).toBe(true);
      }),
    );
  });
});

describe('a plain write', () => {
  it('owns what it changed, and nobody owns what is gone', () => {
    fc.assert(
      fc.property(worlds, sampleObjects(), (world, next) => {
        const manager = { ...id('editor'), operation: 'Update' } as const;
        const managers = updateOwners({
          live: world.object,
          next,
          managers: world.managers,
          manager,
          type: sampleType,
          withoutIgnored: (set) => set,
          time: 'now',
        });
        const changes = compareValues(world.object, next, sampleType);
        const changed = union(changes.modified, changes.added);
        const mine = managers.get(managerKey(manager))?.fields;

        expect(mine === undefined).toBe(isEmptySet(changed));
        for (const [key, entry] of managers) {
          expect(isEmptySet(intersection(entry.fields, changes.removed))).toBe(true);
          if (key !== managerKey(manager)) expect(isEmptySet(intersection(entry.fields, changed))).toBe(true);
        }
      }),
    );
  });
});
