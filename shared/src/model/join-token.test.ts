import { expect, it } from 'vitest';
import { formatJoinToken, parseJoinToken } from './join-token.ts';

const id = 'a'.repeat(26);
const secret = 'S'.repeat(43);
const pin = 'P-_'.repeat(14).padEnd(43, 'x');
const other = 'Q'.repeat(43);

it('comes back from its text, with one pin or several', () => {
  for (const pins of [[pin], [pin, other]]) {
    const token = { id, secret, pins };
    expect(parseJoinToken(formatJoinToken(token))).toEqual({ ok: true, value: token });
  }
});

it('may be surrounded by white space, as pasted texts are', () => {
  expect(parseJoinToken(` flt1.${id}.${secret}.${pin}\n`).ok).toBe(true);
});

it.each([
  ['', 'starts with "flt1."'],
  [`flt2.${id}.${secret}.${pin}`, 'starts with "flt1."'],
  [`flt1.${id}.${secret}`, 'four parts'],
  [`flt1.${id}.${secret}.${pin}.more`, 'four parts'],
  [`flt1.${id.toUpperCase()}.${secret}.${pin}`, 'second part'],
  [`flt1.${id}.${secret.slice(1)}.${pin}`, 'third part'],
  [`flt1.${id}.${secret}.${pin.slice(3)}`, 'last part'],
  [`flt1.${id}.${secret}.${pin},`, 'last part'],
  [`flt1.${id}.${secret}.${Array(5).fill(pin).join(',')}`, 'more than 4 pins'],
])('says which part of %j is wrong', (text, complaint) => {
  const parsed = parseJoinToken(text);
  expect(parsed.ok).toBe(false);
  if (!parsed.ok) expect(parsed.error).toContain(complaint);
});

it('never quotes the secret in a complaint', () => {
  const parsed = parseJoinToken(`flt1.${id}.${secret}.short`);
  expect(JSON.stringify(parsed)).not.toContain(secret);
});
