import { parseClusterUid } from '@flotilla/shared/base';
import { expect, it } from 'vitest';
import { clusterSpiffeId, parseClusterSpiffeId, parseTrustDomain } from './spiffe.ts';

const parsed = parseClusterUid('abcdefghijklmnopqrstuvwxyz');
const uid = parsed.ok ? parsed.value : expect.fail('the uid of this test is malformed');

it('gives the uid back, in its own trust domain only', () => {
  const id = clusterSpiffeId('fleet.example', uid);
  expect(id).toBe(`spiffe://fleet.example/cluster/${uid}`);
  expect(parseClusterSpiffeId(id, 'fleet.example')).toEqual({ ok: true, value: uid });
  expect(parseClusterSpiffeId(id, 'fleet').ok).toBe(false);
});

it.each([
  `spiffe://fleet.example/cluster/${uid}/more`,
  `spiffe://fleet.example/cluster/${uid} `,
  `spiffe://fleet.example/cluster/${uid.toUpperCase()}`,
  `spiffe://fleet.example/cluster/${uid.slice(1)}`,
  `spiffe://fleet.example/hub/${uid}`,
  `SPIFFE://fleet.example/cluster/${uid}`,
  `spiffe://fleet.example.evil/cluster/${uid}`,
])('takes nothing but the exact form: %s', (uri) => {
  expect(parseClusterSpiffeId(uri, 'fleet.example').ok).toBe(false);
});

it('accepts only names that need no escaping as trust domain', () => {
  expect(parseTrustDomain('flotilla').ok).toBe(true);
  for (const text of ['', 'Fleet', 'a/b', 'a b', 'a'.repeat(256)])
    expect(parseTrustDomain(text).ok).toBe(false);
});
