import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  enrol,
  identityKeeperOf,
  openFolderStore,
  type Renewal,
  startRenewal,
} from '@flotilla/agent/identity';
import { hubLinkOf } from '@flotilla/agent/io/hub-link';
import type { AgentIdentity, StateStore } from '@flotilla/agent/ports';
import { cryptoRandom, silentLogger, systemClock } from '@flotilla/shared/kit';
import { startTestFleet, type TestFleet, type TestFleetOptions } from './fleet.ts';
import { nameOf, never } from './joining.ts';

/** An agent that joins a hub and renews its identity on the real clock, in a folder of its own. */
export interface RenewingAgent extends AsyncDisposable {
  readonly folder: string;
  readonly store: StateStore;
  /** Starts a hub and joins it as `eu-1`. */
  joined(options: TestFleetOptions): Promise<{ readonly hub: TestFleet; readonly identity: AgentIdentity }>;
  /** Starts the renewal loop with the production link. */
  renewing(identity: AgentIdentity): Renewal;
}

/** Lives are a few seconds on the real clock: what takes half a week takes two seconds here. */
export const renewDeadlineMs = 40_000;

/** Waits until something holds. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(renewDeadlineMs);
  while (!(await isTrue())) await systemClock().sleep(20, signal);
}

/** Disposing ends what was started, in reverse, and removes the folder. */
export async function openRenewingAgent(): Promise<RenewingAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-renew-'));
  const store = await openFolderStore(folder);
  const stack: AsyncDisposable[] = [];
  return {
    folder,
    store,
    async joined(options) {
      const hub = await startTestFleet(options);
      stack.push(hub);
      const joinLine = await hub.joinLine({ clusterName: nameOf('eu-1') });
      const identity = await enrol({ joinLine, store, kubeSystemUid: '', agentVersion: '0.1.0' }, never);
      return { hub, identity };
    },
    renewing(identity) {
      const stopping = new AbortController();
      const renewal: Renewal = startRenewal(
        {
          identity,
          keeper: identityKeeperOf(store),
          hub: hubLinkOf({ identity: () => renewal.identity() }),
          store,
          clock: systemClock(),
          random: cryptoRandom(),
          log: silentLogger,
        },
        stopping.signal,
      );
      stack.push({
        async [Symbol.asyncDispose]() {
          stopping.abort();
          await renewal.ended;
        },
      });
      return renewal;
    },
    async [Symbol.asyncDispose]() {
      for (const one of stack.splice(0).reverse()) await one[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
