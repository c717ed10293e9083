import { expect, it } from 'vitest';
import { hostKind } from './host-kind.ts';
import { listKind } from './parsers.ts';

it.each([
  'hub.example.org',
  'HUB',
  'localhost',
  '3com.example',
  'xn--bcher-kva.example',
  `${'a'.repeat(63)}.example`,
  '192.0.2.7',
  '::1',
  '2001:db8::7',
  '::ffff:192.0.2.7',
])('%s is a host', (host) => {
  expect(hostKind.parse(host)).toEqual({ ok: true, value: host });
});

it.each([
  ['https://hub.example', 'has a scheme: "https://hub.example": write the host without https://'],
  ['hub.example/', 'has a path'],
  ['hub.example:7443', 'has a port: "hub.example:7443": write hub.example'],
  ['192.0.2.7:7443', 'has a port: "192.0.2.7:7443": write 192.0.2.7'],
  ['[2001:db8::7]', 'is in brackets: "[2001:db8::7]": write 2001:db8::7'],
  ['[2001:db8::7]:7443', 'write 2001:db8::7, without a port'],
  ['2001:db8:::7', 'is neither a host name nor an IP address'],
  ['fe80::1%eth0', 'has a zone'],
  ['0.0.0.0', 'is an address to listen on'],
  ['::', 'is an address to listen on'],
  ['192.0.2.300', 'is neither'],
  ['192.0.2', 'is neither'],
  ['my_hub', 'is neither'],
  ['-hub', 'is neither'],
  ['hub.example.', 'is neither'],
  ['*.example', 'is neither'],
  ['hub example', 'is neither'],
  [`${'a'.repeat(64)}.example`, 'is neither'],
  [`${'a.'.repeat(126)}example`, 'is neither'],
  ['', 'is empty'],
])('%j is none, and the complaint says why', (text, complaint) => {
  const read = hostKind.parse(text);
  expect(read.ok ? '' : read.error).toContain(complaint);
});

it('tells every wrong one of a list', () => {
  const read = listKind(hostKind).parse('hub.example,my_hub,https://b');
  expect(read.ok ? '' : read.error).toMatch(/"my_hub".*; and has a scheme: "https:\/\/b"/);
});
