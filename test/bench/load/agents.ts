/**
 * Many agents in one process, as far as stream and reports go: each joins by the production path, has its own key,
 * certificate, channel and state folder, and makes rows durable before it acknowledges them. None has a cluster; those that
 * report say that everything is Ready as soon as it is held, or as long after that as they are told to take.
 */
import { join } from 'node:path';
import { agentSettings } from '@flotilla/agent/config';
import { agentCapabilities } from '@flotilla/agent/core';
import { openHeldRows } from '@flotilla/agent/held-rows';
import { ensureIdentity, openFolderStore } from '@flotilla/agent/identity';
import { hubLinkOf } from '@flotilla/agent/io/hub-link';
import { openStatusSink } from '@flotilla/agent/io/status-sink';
import { type Session, startSession } from '@flotilla/agent/session';
import { describeError } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { cryptoRandom, programVersion, readSettings, silentLogger, systemClock } from '@flotilla/shared/kit';
import type { Pace } from './pace.ts';
import { type Proof, WellReporter } from './well-reporter.ts';

/** What the measurement asks this process. */
export type AgentsQuestion =
  | { readonly do: 'start'; readonly agents: readonly LoadAgent[]; readonly isReporting: boolean }
  /** How many follow the hub. */
  | { readonly do: 'connected' }
  /** How soon what they get from now on is Ready; undefined = at once. */
  | { readonly do: 'pace'; readonly pace: Pace | undefined }
  /** When rows became proven, since the last such question. */
  | { readonly do: 'proofs' };

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
const reporters: WellReporter[] = [];
let pace: Pace | undefined;

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

async function answer(question: AgentsQuestion): Promise<number | readonly Proof[]> {
  if (question.do === 'proofs') return reporters.flatMap((one) => one.takeProofs());
  if (question.do === 'pace') pace = question.pace;
  if (question.do === 'start') {
    const { isReporting } = question;
    const line = [...question.agents];
    const work = async () => {
      for (let next = line.shift(); next !== undefined; next = line.shift()) await start(next, isReporting);
    };
    await Promise.all(Array.from({ length: joinsMax }, work));
  }
  return sessions.filter((session) => session.isConnected()).length;
}

async function start({ folder, joinLine, name }: LoadAgent, isReporting: boolean): Promise<void> {
  const { signal } = stopping;
  const args = ['--state-dir', folder, ...(joinLine === undefined ? [] : ['--join', joinLine])];
  const read = await readSettings(agentSettings, { env: {}, args });
  if (read.kind === 'mistakes') throw new Error(read.mistakes.join('; '));
  const store = await openFolderStore(join(folder, 'records'));
  const kubeSystemUid = `load-${name}`;
  const joining = { config: read.values, log: silentLogger };
  const identity = await ensureIdentity(joining, { store, kubeSystemUid }, signal);
  const { rows } = await openHeldRows(store, { encode: encodeStoredRow, parse: parseStoredRow }, signal);
  const [clock, random] = [systemClock(), cryptoRandom()];
  const mine: WellReporter[] = [];
  const session = await startSession(
    {
      link: hubLinkOf({ identity: () => identity }),
      ...{ rows, store, clock, random },
      log: silentLogger,
      hubId: identity.hubId,
      agentVersion: programVersion,
      kubeSystemUid,
      capabilities: agentCapabilities,
      lastReportSeq: () => mine[0]?.lastSeq ?? 0,
    },
    signal,
  );
  sessions.push(session);
  if (!isReporting) return;
  const sink = openStatusSink({ identity: () => identity, random, log: silentLogger });
  const { clusterUid } = identity;
  mine.push(new WellReporter({ clusterUid, rows, session, sink, clock, pace: () => pace }, signal));
  reporters.push(...mine);
}

async function stop(): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort(new DOMException('the measurement is over', 'AbortError'));
  await Promise.allSettled(sessions.map((session) => session.ended));
  process.exit(0);
}
