import fc from 'fast-check';
import type { StructType } from '../schema/index.ts';
import { parseTypes } from '../schema/index.ts';
import type { ValueObject } from '../values.ts';

/** For tests: a type with every kind of field. */
export const sampleType: StructType = sampleTypes().get('Sample') ?? missing();

/** For tests: any object of the sample type, parts of it missing. */
export function sampleObjects(): fc.Arbitrary<ValueObject> {
  return fc.record(fields(), { requiredKeys: [] }).map((object) => JSON.parse(JSON.stringify(object)));
}

function fields() {
  const text = fc.constantFrom('a', 'b', 'c');
  const labels = fc.dictionary(text, text, { maxKeys: 3 });
  const item = fc.record({ name: text, value: text, tags: labels }, { requiredKeys: ['name'] });
  const inner = fc.record({ size: fc.nat({ max: 3 }), labels }, { requiredKeys: [] });
  return {
    text,
    labels,
    atomicLabels: labels,
    set: fc.uniqueArray(text, { maxLength: 3 }),
    items: fc.uniqueArray(item, { maxLength: 3, selector: ({ name }) => name }),
    atomic: fc.array(text, { maxLength: 3 }),
    inner,
    whole: inner,
    free: fc.dictionary(text, fc.oneof(text, labels), { maxKeys: 2 }),
  };
}

function sampleTypes() {
  return parseTypes(
    [
      'Sample text:s labels:{s} atomicLabels:{#s} set:[=s] items:[name>Item] atomic:[s] inner:Inner whole:#Inner free:*',
      'Item name:s value:s tags:{s}',
      'Inner size:i labels:{s}',
    ].join('\n'),
  );
}

function missing(): never {
  throw new Error('the sample type is always there');
}
