import { describe, expect, it } from 'vitest';
import { declaredNamesIn, substituteDeclared } from './declared-variables.ts';

const variables = { host: 'eu-1.example.org', tier: 'front' };

describe('declared variables', () => {
  it('are replaced in texts, wherever they stand in a value, and nowhere in keys', () => {
    const value = { '${var.tier}': ['https://${var.host}/${var.tier}', 1, null, { a: '${var.host}' }] };
    expect(substituteDeclared(value, variables)).toEqual({
      ok: true,
      value: { '${var.tier}': ['https://eu-1.example.org/front', 1, null, { a: 'eu-1.example.org' }] },
    });
  });

  it('leave every other dollar alone, and their own behind two of them', () => {
    for (const text of ['${HOME}/bin', '$(NAME)', '${cluster.name}', '${host}', '$var.host', '$$'])
      expect(substituteDeclared(text, variables)).toEqual({ ok: true, value: text });
    expect(substituteDeclared('$${var.host}', variables)).toEqual({ ok: true, value: '${var.host}' });
    expect(declaredNamesIn('$${var.host} ${var.tier}')).toEqual(['tier']);
  });

  it.each(['hots', '', 'toString', 'a b'])('that are not declared are an error by name: %j', (name) => {
    expect(substituteDeclared([`x \${var.${name}}`], variables)).toEqual({ ok: false, error: name });
  });

  it('are not looked for in what they are replaced by', () => {
    expect(substituteDeclared('${var.a}', { a: '${var.b}', b: 'x' })).toEqual({
      ok: true,
      value: '${var.b}',
    });
  });
});
