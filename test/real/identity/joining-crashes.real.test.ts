import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkIdentity, enrol, openFolderStore, readIdentity } from '@flotilla/agent/identity';
import type { StateStore } from '@flotilla/agent/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStateStore } from '../../fakes/state-store.ts';
import { Crash, dyingStore, joinOptions, nameOf, never, startTestFleet, type TestFleet } from './index.ts';

let folder: string;
let store: StateStore;
const fleets: TestFleet[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-join-'));
  store = await openFolderStore(join(folder, 'records'));
});
afterEach(async () => {
  for (const one of fleets.splice(0)) await one[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function fleet(): Promise<TestFleet> {
  const started = await startTestFleet();
  fleets.push(started);
  return started;
}

const joinBy = (joinLine: string, at: StateStore = store, signal = never) =>
  enrol(joinOptions(joinLine, at), signal);

describe('an agent that dies', () => {
  it('at any change of its store joins as the same cluster when it starts again', async () => {
    const hub = await fleet();
    let points = 0;
    for (let at = 1; ; at += 1) {
      for (const isAfter of [false, true]) {
        const inner = await openFolderStore(join(folder, `${at}-${isAfter}`));
        const line = await hub.joinLine({ clusterName: nameOf(`eu-${at}-${isAfter}`) });
        const died = await joinBy(line, dyingStore(inner, at, isAfter)).then(
          () => false,
          (error: unknown) => error instanceof Crash || expect.fail(String(error)),
        );
        const kept = await readIdentity(inner, never);
        const joined = kept ?? (await joinBy(line, inner));
        const records = (await hub.clusters.list(never)).filter(
          ({ value }) => Object(value).name === joined.clusterName,
        );
        expect(records.map(({ key }) => key)).toEqual([joined.clusterUid]);
        expect(() => checkIdentity(joined, Date.now())).not.toThrow();
        if (!died) {
          expect(points).toBe(8);
          expect(hub.alarms).toEqual([]);
          return;
        }
        points += 1;
      }
    }
  });
});

describe('a hub that dies', () => {
  /** Lets the process die before, or right after, its n-th write from now on. Returns the way back to life. */
  function dieAtWrite({ tokens, clusters }: TestFleet, at: number, isAfter: boolean): () => void {
    let writes = 0;
    const restores = [tokens, clusters].map((bucket) => {
      const { put } = bucket;
      bucket.put = async (...args) => {
        writes += 1;
        if (writes === at && !isAfter) throw new Error('died');
        const revision = await put(...args);
        if (writes === at) throw new Error('died');
        return revision;
      };
      return () => {
        bucket.put = put;
      };
    });
    return () => {
      for (const restore of restores) restore();
    };
  }

  it.each([
    ['before', false],
    ['after', true],
  ])('%s any write of its records joins the agent as one cluster when it is back', async (_, isAfter) => {
    const hub = await fleet();
    for (let at = 1; ; at += 1) {
      const name = nameOf(`eu-${at}`);
      const line = await hub.joinLine({ clusterName: name });
      const mine = memoryStateStore();
      const revive = dieAtWrite(hub, at, isAfter);
      const first = await joinBy(line, mine).catch((error: unknown) => error);
      revive();
      const joined = first instanceof Error ? await joinBy(line, mine) : await readIdentity(mine, never);
      const records = (await hub.clusters.list(never)).filter(({ value }) => Object(value).name === name);
      expect(records.map(({ key }) => key)).toEqual([joined?.clusterUid]);
      expect(hub.alarms).toEqual([]);
      if (!(first instanceof Error)) {
        // Token bound, name taken, cluster registered, name confirmed, token settled.
        expect(at).toBe(6);
        return;
      }
      expect(first).toMatchObject({ code: 'UNAVAILABLE', retry: 'backoff' });
    }
  });
});
