import { type AgentConfig, agentSettings } from '@flotilla/agent/config';
import {
  ensureIdentity,
  newPrivateKeyPem,
  readIdentity,
  signingRequestFor,
  writeIdentity,
} from '@flotilla/agent/identity';
import { findRegistered, removeRegistration } from '@flotilla/hub/identity';
import { certificatesPem, type LogFields, type Logger, silentLogger } from '@flotilla/shared/kit';
import { readSettings } from '@flotilla/shared/kit/settings';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MemoryStateStore, memoryStateStore } from '../../fakes/state-store.ts';
import { nameOf, never, startTestFleet, type TestFleet } from './index.ts';

let hub: TestFleet;
let store: MemoryStateStore;
let errors: string[];
let log: Logger;

beforeEach(async () => {
  hub = await startTestFleet();
  store = memoryStateStore();
  errors = [];
  const error = (message: string, fields?: LogFields): void => {
    errors.push(`${message}: ${String(fields?.error ?? '')}`);
  };
  log = { ...silentLogger, error };
});
afterEach(() => hub[Symbol.asyncDispose]());

async function start(change: Partial<AgentConfig>) {
  const read = await readSettings(agentSettings, { args: [], env: {} });
  const defaults = read.kind === 'read' ? read.values : expect.fail(read.mistakes.join());
  return ensureIdentity({ config: { ...defaults, ...change }, log }, { store, kubeSystemUid: '' }, never);
}

describe('an agent that starts', () => {
  it('for the first time without a join line says how to get one', async () => {
    await expect(start({})).rejects.toThrow(
      /give --join LINE, which "flotilla cluster join-command NAME" prints/,
    );
  });

  it('again with the same line, or without one, is who it was, without asking anybody', async () => {
    const join = await hub.joinLine({ clusterName: nameOf('eu-1') });
    const first = await start({ join });
    hub.tokens.failure = new Error('nobody may look');
    expect(await start({ join })).toEqual(first);
    expect(await start({})).toEqual(first);
    expect(errors).toEqual([]);
  });

  it('with another line joins again: under its uid with a token made for it', async () => {
    const first = await start({ join: await hub.joinLine({ clusterName: nameOf('eu-1') }) });
    const second = await start({ join: await hub.joinLine({ clusterName: nameOf('eu-1'), isRejoin: true }) });
    expect(second.clusterUid).toBe(first.clusterUid);
    expect(second.privateKeyPem).not.toBe(first.privateKeyPem);
    expect(await readIdentity(store, never)).toEqual(second);
  });

  it('with another line comes back as a new cluster when the old one was removed', async () => {
    const first = await start({ join: await hub.joinLine({ clusterName: nameOf('eu-1') }) });
    await removeRegistration(hub.deps, first.clusterUid, never);
    const second = await start({ join: await hub.joinLine({ clusterName: nameOf('eu-1') }) });
    expect(second.clusterUid).not.toBe(first.clusterUid);
    expect((await findRegistered(hub.deps, nameOf('eu-1'), never))?.uid).toBe(second.clusterUid);
  });

  it('with a line that is refused, cannot be read or leads nowhere goes on as who it was, and says so', async () => {
    const first = await start({ join: await hub.joinLine({ clusterName: nameOf('eu-1') }) });
    const used = await hub.joinLine({ clusterName: nameOf('eu-2') });
    expect(await start({ join: used.replace(/flt1\.[a-z2-7]{26}/, `flt1.${'a'.repeat(26)}`) })).toEqual(
      first,
    );
    expect(await start({ join: 'nonsense' })).toEqual(first);
    expect(await start({ join: used.replace(/^[^/]+/, 'localhost:1') })).toEqual(first);
    expect(errors).toHaveLength(3);
    expect(errors.every((line) => line.startsWith('cannot join again, going on as before'))).toBe(true);
    expect(await readIdentity(store, never)).toEqual(first);
  });

  it('takes its name from the settings when the token leaves it open', async () => {
    const join = await hub.joinLine();
    await expect(start({ join })).rejects.toMatchObject({ code: 'NAME_MISSING' });
    expect((await start({ join, clusterName: 'eu-7' })).clusterName).toBe('eu-7');
  });

  it('with an identity that has ended says what to do, and joins with a token for it', async () => {
    await using short = await startTestFleet({ agentCertificateMs: -1_000 });
    const first = await start({ join: await hub.joinLine({ clusterName: nameOf('eu-1') }) });
    // A certificate whose time is over, as after a week in a drawer.
    const request = signingRequestFor(newPrivateKeyPem());
    const chain = await short.identity.signer.issueAgentCertificate(first.clusterUid, request);
    const ended = { ...first, certificateChainPem: certificatesPem(chain) };
    await writeIdentity(store, ended, never);
    expect(await start({})).toEqual(ended);
    expect(errors[0]).toContain('flotilla cluster join-command NAME --rejoin');
    const again = await start({ join: await hub.joinLine({ clusterName: nameOf('eu-1'), isRejoin: true }) });
    expect(again.clusterUid).toBe(first.clusterUid);
  });
});
