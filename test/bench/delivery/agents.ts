/**
 * Many agents in one process, as far as the assignment stream goes: each joins by the production path, has its own key,
 * certificate, channel and state folder, and makes rows durable before it acknowledges them. None has a cluster.
 */
import { join } from 'node:path';
import { agentSettings } from '@flotilla/agent/config';
import { agentCapabilities } from '@flotilla/agent/core';
import { openHeldRows } from '@flotilla/agent/held-rows';
import { ensureIdentity, openFolderStore } from '@flotilla/agent/identity';
import { hubLinkOf } from '@flotilla/agent/io/hub-link';
import { type Session, startSession } from '@flotilla/agent/session';
import { describeError } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { cryptoRandom, programVersion, readSettings, silentLogger, systemClock } from '@flotilla/shared/kit';

/** What the measurement asks this process. */
export type AgentsQuestion =
  | { readonly do: 'start'; readonly agents: readonly LoadAgent[] }
  /** How many follow the hub. */
  | { readonly do: 'connected' };

/** One agent to start. */
export interface LoadAgent {
  readonly name: string;
  readonly folder: string;
  /** Not needed by an agent that joined in an earlier run. */
  readonly joinLine: string | undefined;
}

const joinsMax = 8;
const stopping = new AbortController();
const sessions: Session[] = [];

process.on('message', (message: { readonly id: number } & AgentsQuestion) => {
  answer(message).then(
    (ok) => process.send?.({ id: message.id, ok }),
    (error: unknown) => process.send?.({ id: message.id, error: describeError(error) }),
  );
});
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => void stop());
process.stdout.write(`${JSON.stringify({ pid: process.pid })}\n`);

async function answer(question: AgentsQuestion): Promise<number> {
  if (question.do === 'start') {
    const line = [...question.agents];
    const work = async () => {
      for (let next = line.shift(); next !== undefined; next = line.shift()) sessions.push(await start(next));
    };
    await Promise.all(Array.from({ length: joinsMax }, work));
  }
  return sessions.filter((session) => session.isConnected()).length;
}

async function start({ folder, joinLine, name }: LoadAgent): Promise<Session> {
  const { signal } = stopping;
  const args = ['--state-dir', folder, ...(joinLine === undefined ? [] : ['--join', joinLine])];
  const read = await readSettings(agentSettings, { env: {}, args });
  if (read.kind === 'mistakes') throw new Error(read.mistakes.join('; '));
  const store = await openFolderStore(join(folder, 'records'));
  const kubeSystemUid = `load-${name}`;
  const joining = { config: read.values, log: silentLogger };
  const identity = await ensureIdentity(joining, { store, kubeSystemUid }, signal);
  const { rows } = await openHeldRows(store, { encode: encodeStoredRow, parse: parseStoredRow }, signal);
  return await startSession(
    {
      link: hubLinkOf({ identity: () => identity }),
      rows,
      store,
      clock: systemClock(),
      random: cryptoRandom(),
      log: silentLogger,
      hubId: identity.hubId,
      agentVersion: programVersion,
      kubeSystemUid,
      capabilities: agentCapabilities,
      lastReportSeq: () => 0,
    },
    signal,
  );
}

async function stop(): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort(new DOMException('the measurement is over', 'AbortError'));
  await Promise.allSettled(sessions.map((session) => session.ended));
  process.exit(0);
}
