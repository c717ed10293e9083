import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCalls } from './find-calls.ts';

const names = new Set(['lookup', 'now']);
const found = (text: string) => findCalls(text, names).map(({ name, line, column }) => [name, line, column]);

describe('findCalls', () => {
  it('finds calls where they stand, line and column as Go counts them', () => {
    expect(found('a: {{ lookup "v1" }}\nb:\n  c: {{- $x := (lookup "v1") -}}\n{{ now | date "x" }}')).toEqual(
      [
        ['lookup', 1, 6],
        ['lookup', 3, 16],
        ['now', 4, 3],
      ],
    );
  });

  it.each([
    ['text outside of actions', 'lookup now }} lookup'],
    ['a text in quotes', '{{ include "lookup" . }}'],
    ['a text with an escaped quote', '{{ print "a\\" lookup" }}'],
    ['a raw text', '{{ print `lookup }} now` }}'],
    ['a comment', '{{/* lookup }} now */}}'],
    ['a field', '{{ .lookup }} {{ .Values.lookup.now }}'],
    ['a variable', '{{ $lookup := 1 }}'],
    ['a longer name', '{{ lookups }} {{ nowhere }} {{ do.lookup }}'],
    ['an action without end', '{{ "lookup'],
  ])('does not take %s for a call', (_what, text) => {
    expect(found(text)).toEqual([]);
  });

  it('finds a call after texts that hold what looks like an end', () => {
    expect(found('{{ print "}}" lookup }}')).toEqual([['lookup', 1, 14]]);
  });

  it('finds every call, wherever it stands', () => {
    const filler = fc.constantFrom('text\n', '{{ .x }}', '{{/* c */}}', '{{ print "{{" }}', '\n\n');
    fc.assert(
      fc.property(fc.array(filler), fc.array(filler), (before, after) => {
        const text = `${before.join('')}{{ lookup "v1" }}${after.join('')}`;
        const [call, ...more] = findCalls(text, names);
        expect(more).toEqual([]);
        expect(text.slice(call?.at).startsWith('lookup')).toBe(true);
        expect(text.split('\n')[(call?.line ?? 0) - 1]?.slice(call?.column)).toMatch(/^lookup/);
      }),
    );
  });
});
