import { expect, test } from 'vitest';
import { type ReadinessOf, readiness } from './readiness.ts';

const well: ReadinessOf = {
  engine: { isReady: true },
  renewal: { problem: () => undefined },
  session: { isConnected: () => true },
  status: { isConnected: true },
  store: { damage: [] },
};
const tell = (of: ReadinessOf) => readiness(of).map(({ name, isOk, text }) => `${isOk} ${name}: ${text}`);

test('an agent is ready when it reaches its cluster', () => {
  expect(tell(well)).toEqual([
    'true cluster: reached',
    'true hub: connected',
    'true bus: connected',
    'true identity: fresh',
    'true store: whole',
  ]);
  expect(tell({ ...well, engine: { isReady: false } })[0]).toBe('false cluster: not reached yet');
});

test('hub, bus, a failed renewal and damage are told, and make it no less ready', () => {
  const surrounded = {
    ...well,
    renewal: { problem: () => 'the hub refuses' },
    session: { isConnected: () => false },
    status: { isConnected: false },
    store: { damage: ['rows/shop is torn'] },
  };
  expect(tell(surrounded)).toEqual([
    'true cluster: reached',
    'true hub: away',
    'true bus: away',
    'true identity: not renewed: the hub refuses',
    'true store: rows/shop is torn',
  ]);
});
