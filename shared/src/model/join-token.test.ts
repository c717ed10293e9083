import { expect, it } from 'vitest';
import { formatJoinLine, formatJoinToken, parseJoinLine, parseJoinToken } from './join-token.ts';

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

it.each(['hub.example:7444', '192.0.2.7:1', '[2001:db8::7]:65535', 'localhost:7444'])(
  'is pasted together with the address %s',
  (address) => {
    const line = { address, token: { id, secret, pins: [pin, other] } };
    expect(parseJoinLine(` ${formatJoinLine(line)}\n`)).toEqual({ ok: true, value: line });
  },
);

it.each([
  [`flt1.${id}.${secret}.${pin}`, 'two parts'],
  [`hub.example/flt1.${id}.${secret}.${pin}`, 'not HOST:PORT'],
  [`hub.example:0/flt1.${id}.${secret}.${pin}`, 'not HOST:PORT'],
  [`hub.example:65536/flt1.${id}.${secret}.${pin}`, 'not HOST:PORT'],
  [`2001:db8::7:7444/flt1.${id}.${secret}.${pin}`, 'not HOST:PORT'],
  [`https://hub.example:7444/flt1.${id}.${secret}.${pin}`, 'two parts'],
  [`hub.example:7444/flt1.${id}.${secret}`, 'four parts'],
])('is refused in the join line %s', (text, complaint) => {
  const parsed = parseJoinLine(text);
  expect(parsed.ok ? '' : parsed.error).toContain(complaint);
  expect(JSON.stringify(parsed)).not.toContain(secret);
});
