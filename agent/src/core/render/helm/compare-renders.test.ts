import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../source-object.ts';
import { compareRenders } from './compare-renders.ts';

const sourceOf = (more: object) => {
  const object: KubeObject = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a' }, ...more };
  return { object, origin: { path: 'web/templates/a.yaml', document: 1 } };
};

describe('two renders of the same files', () => {
  const calls = [{ name: 'randAlphaNum', path: 'web/templates/a.yaml', line: 7 }];
  const compare = (...[first, second, pointers = []]: readonly [object[], object[], string[]?]) => {
    const [one, other] = [first, second].map((list) => list.map(sourceOf));
    const ignore = pointers.length === 0 ? [] : [{ target: { kind: 'Job' }, pointers }];
    return compareRenders(one ?? [], other ?? [], { calls, ignore }).map(formatProblem);
  };

  it('that agree are fine', () => {
    expect(compare([{ data: { a: ['x'] } }], [{ data: { a: ['x'] } }])).toEqual([]);
  });

  it('that do not are refused with the object, the fields and the calls, and without the values', () => {
    const [said] = compare([{ data: { a: 'secret1', b: [1, 2] } }], [{ data: { a: 'secret2', b: [1, 3] } }]);
    expect(said).toContain('comes out differently each time (data.a, data.b.1)');
    expect(said).toContain('the chart calls randAlphaNum (web/templates/a.yaml, line 7)');
    expect(said).not.toContain('secret1');
  });

  it('may differ in what is left to others', () => {
    expect(compare([{ data: { a: '1' } }], [{ data: { a: '2' } }], ['/data/a'])).toEqual([]);
  });

  it('have the same objects', () => {
    expect(compare([{}], [])).toEqual([expect.stringContaining('(metadata.name)')]);
    expect(compare([], [{}])).toEqual([expect.stringContaining('with 0 objects once and 1 then')]);
  });
});
