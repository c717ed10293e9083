import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePointer, valueAt, withoutPointer } from './json-pointer.ts';
import { jsonPatch, mergePatch } from './patch.ts';

describe('jsonPatch, examples of RFC 6902 appendix A', () => {
  it.each([
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    [{ baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [{ foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    [{ baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
    [
      { foo: { waldo: 'fred' }, qux: {} },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: {}, qux: { thud: 'fred' } },
    ],
    [
      { foo: ['all', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/2' }],
      { foo: ['all', 'eat', 'cows'] },
    ],
    [{ foo: 'bar' }, [{ op: 'test', path: '/foo', value: 'bar' }], { foo: 'bar' }],
    [
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    [{ '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc'] }], { foo: ['bar', ['abc']] }],
    [{ a: 1 }, [{ op: 'copy', from: '/a', path: '/b' }], { a: 1, b: 1 }],
    [{ a: null }, [{ op: 'replace', path: '/a', value: null }], { a: null }],
  ])('%j with %j', (target, patch, expected) => {
    expect(jsonPatch(target, patch)).toEqual({ ok: true, value: expected });
  });

  it.each([
    [[{ op: 'add', path: '/baz/bat', value: 1 }]],
    [[{ op: 'test', path: '/foo', value: 'other' }]],
    [[{ op: 'remove', path: '/foo/0' }]],
    [[{ op: 'replace', path: '/nothing', value: 1 }]],
    [[{ op: 'add', path: '/list/5', value: 1 }]],
    [[{ op: 'add', path: '/list/01', value: 1 }]],
    [[{ op: 'move', from: '/obj', path: '/obj/in' }]],
    [[{ op: 'add', path: 'foo', value: 1 }]],
    [[{ op: 'add', path: '/foo' }]],
    [[{ op: 'shout', path: '/foo' }]],
    [['nothing']],
  ])('refuses %j', (patch) => {
    expect(jsonPatch({ foo: 'bar', list: [], obj: {} }, patch).ok).toBe(false);
  });
});

describe('mergePatch, examples of RFC 7386 appendix A', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j', (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });
});

describe('pointers', () => {
  const json = fc.jsonValue({ maxDepth: 3 });

  it('find every member of every value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (value) => {
        for (const [name, item] of Object.entries(value)) {
          const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
          expect(valueAt(value, parsePointer(pointer)!)).toEqual(item);
        }
      }),
    );
  });

  it('take away exactly what they name, from a copy', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json, { minKeys: 1 }), (value) => {
        const before = JSON.stringify(value);
        const [name] = Object.keys(value);
        const left = withoutPointer(value, [name!]) as object;
        expect(Object.keys(left)).toEqual(Object.keys(value).slice(1));
        expect(JSON.stringify(value)).toBe(before);
      }),
    );
  });

  it('are refused when malformed', () => {
    expect(parsePointer('a')).toBeUndefined();
    expect(parsePointer('/a~2')).toBeUndefined();
    expect(parsePointer('')).toEqual([]);
  });
});
