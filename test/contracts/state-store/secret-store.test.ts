import { startSimulatedCluster } from '@flotilla/agent/io/kube-simulated';
import { openSecretStore } from '@flotilla/agent/io/state-store';
import { systemClock } from '@flotilla/shared/kit';
import { afterAll, describe, expect, test } from 'vitest';
import { never } from '../never.ts';
import { secretWorld } from './secret-world.ts';
import { stateStoreContract } from './suite.ts';

const cluster = startSimulatedCluster({ clock: systemClock() });
const kube = cluster.portAs('agent');
afterAll(() => cluster.close());

/** Longer than a head holds, and nothing that can be compressed. */
const long = (seed: number) => {
  let state = seed;
  return Array.from({ length: 200_000 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state;
  });
};

describe('a state store in Secrets', () => {
  stateStoreContract(() => secretWorld(kube));

  test('a long record stands in parts, which go when the next one takes their place', async () => {
    await using world = await secretWorld(kube);
    const store = await world.open();
    const names = async () => {
      const kind = { group: '', version: 'v1', kind: 'Secret' };
      const { items } = await kube.list({ kind, namespace: world.namespace }, never);
      return items.map((one) => one.metadata.name).sort();
    };
    await store.write('content/a', long(1), never);
    const first = await names();
    expect(first.length).toBeGreaterThan(2);
    await store.write('content/a', long(2), never);
    expect(await (await world.open()).read('content/a', never)).toEqual(long(2));
    const second = await names();
    expect(second).toHaveLength(first.length);
    expect(second.filter((name) => first.includes(name))).toHaveLength(1);
    await store.write('content/a', 'short', never);
    expect(await names()).toHaveLength(1);
    await store.remove('content/a', never);
    expect(await names()).toEqual([]);
  });

  test('of two agents with one namespace, the one whose records were overwritten is refused', async () => {
    await using world = await secretWorld(kube);
    const first = await world.open();
    await first.write('rows/cart', 1, never);
    const second = await world.open();
    await second.write('rows/cart', 2, never);
    await expect(first.write('rows/cart', 3, never)).rejects.toMatchObject({
      code: 'STORE_TAKEN',
      retry: 'never',
      message: expect.stringContaining(`namespace ${world.namespace}; stop one of them`),
    });
    expect(await second.read('rows/cart', never)).toBe(2);
  });

  test('a write whose answer was lost is gone on from', async () => {
    await using world = await secretWorld(kube);
    const losing = { isLosing: false };
    const lossy = new Proxy(kube, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const answer: unknown = await value.apply(target, args);
          if (losing.isLosing && (name === 'apply' || name === 'create'))
            throw new Error('the answer was lost');
          return answer;
        };
      },
    });
    const store = openSecretStore({ kube: lossy, namespace: world.namespace });
    for (const value of [1, 2]) {
      losing.isLosing = true;
      await expect(store.write('a', value, never)).rejects.toThrow('the answer was lost');
      losing.isLosing = false;
      await store.write('a', value + 10, never);
      expect(await store.read('a', never)).toBe(value + 10);
    }
  });
});
