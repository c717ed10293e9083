import { type Clock, describeError, type HubId, type Random } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { Report, Row, Welcome } from '@flotilla/shared/model';
import type { LocalPolicy } from '../core/policy/index.ts';
import {
  type AgentAlarm,
  type AgentSessionInput,
  type AgentSessionOutput,
  type AgentSessionState,
  startAgentSession,
  stepAgentSession,
} from '../core/session/index.ts';
import type { HubLink, StateStore } from '../ports.ts';
import type { HeldRows } from './held-rows.ts';
import { type SessionCounters, writeCounters } from './session-counters.ts';
import { SessionLink } from './session-link.ts';
import { storeRows } from './store-rows.ts';
import { createWakeUp, type WakeUp } from './wake-up.ts';

/** What the session with the hub is made from. */
export interface SessionOptions {
  readonly link: HubLink;
  readonly rows: HeldRows;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The hub that enrolled this agent. */
  readonly hubId: HubId;
  readonly agentVersion: string;
  readonly kubeSystemUid: string;
  readonly capabilities: readonly string[];
  /** What the cluster accepts, whatever the hub says. Default: everything. */
  readonly policy?: LocalPolicy | undefined;
  /** Sequence of the newest report made; 0 = none. */
  readonly lastReportSeq: () => number;
}

/** Longest sleep; something wakes it sooner. */
const idleMs = 60_000;

/** Owns the machine of one agent: ticks it, opens its links, has its rows stored. */
export class SessionLoop {
  state: AgentSessionState;
  incarnation: number;
  welcome: Welcome | undefined;
  alarm: { readonly code: AgentAlarm; readonly text: string } | undefined;
  foldedReportSeq = 0;
  heardAtMs: number | undefined;
  readonly wantReport = new Set<() => void>();
  readonly welcomed = new Set<(welcome: Welcome) => void>();
  readonly #options: SessionOptions;
  readonly #signal: AbortSignal;
  readonly #running = new Set<Promise<void>>();
  #link: SessionLink | undefined;
  #wakeAtMs: number | undefined;
  #sleepsUntilMs = 0;
  readonly #wakeUp: WakeUp;
  /** What stands in the store. */
  #durable: SessionCounters;
  /** Counts attempts: two of them may bear the same session number. */
  #attempts = 0;
  /** Grows when the machine is started anew; what an older one had asked for is not told to the new one. */
  #generation = 0;

  constructor(options: SessionOptions, counters: SessionCounters, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#wakeUp = createWakeUp(options.clock);
    this.incarnation = counters.incarnation;
    this.#durable = counters;
    this.state = this.#newMachine(counters);
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#take({ kind: 'tick', reportSeq: this.#options.lastReportSeq() });
      await this.#sleep();
    }
    this.#link?.close();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  sendReport(report: Report): boolean {
    if (this.state.phase.kind !== 'following') return false;
    this.#step({ kind: 'send-report', report });
    return true;
  }

  #newMachine(counters: SessionCounters): AgentSessionState {
    const { clock, random, rows } = this.#options;
    const seed = Math.floor(random.next() * 2 ** 32);
    const { hubId, agentVersion, kubeSystemUid, capabilities, policy } = this.#options;
    const settings = { hubId, agentVersion, kubeSystemUid, capabilities, policy, seed };
    return startAgentSession(settings, { rows: rows.all(), ...counters }, clock.nowMs());
  }

  /** Something happened besides time. Most of it makes nothing due sooner: a frame must not cost a sleep that is cut short. */
  #step(input: AgentSessionInput): void {
    const generation = this.#generation;
    this.#take(input);
    const isSooner = (this.#wakeAtMs ?? Number.POSITIVE_INFINITY) < this.#sleepsUntilMs;
    if (isSooner || generation !== this.#generation) this.#wakeUp.wake();
  }

  /** A broken rule of our own ends this stream and starts the machine anew from what is durable. */
  #take(input: AgentSessionInput): void {
    try {
      const done = stepAgentSession(this.state, input, this.#options.clock.nowMs());
      this.state = done.state;
      this.#wakeAtMs = done.wakeAtMs;
      for (const output of done.outputs) this.#perform(output);
    } catch (error) {
      this.#options.log.error('the session broke a rule of our own', { error });
      this.#restart();
    }
  }

  #restart(): void {
    this.#generation += 1;
    this.#link?.close();
    this.#link = undefined;
    const { incarnation, session } = this.state;
    this.state = this.#newMachine({ incarnation, session });
    this.#wakeAtMs = this.#options.clock.nowMs() + idleMs;
  }

  #perform(output: AgentSessionOutput): void {
    switch (output.kind) {
      case 'open':
        this.#track(this.#open(output));
        break;
      case 'send':
        this.#link?.send(output.frame);
        break;
      case 'close':
        this.#options.log.info('leaving the hub', { reason: output.reason });
        this.#link?.close();
        this.#link = undefined;
        break;
      case 'persist':
        this.#track(this.#persist(output.rows, this.#generation));
        break;
      case 'welcomed':
        this.#takeWelcome(output.welcome);
        break;
      case 'want-report':
        for (const listener of this.wantReport) listener();
        break;
      case 'raise':
        this.alarm = { code: output.code, text: output.text };
        this.#options.log.error('the hub and this agent do not agree', {
          code: output.code,
          reason: output.text,
        });
        break;
      case 'note':
        this.#options.log.info('hub stream', { reason: output.text });
        break;
      default:
        output satisfies never;
    }
  }

  #takeWelcome(welcome: Welcome): void {
    this.welcome = welcome;
    this.alarm = undefined;
    this.foldedReportSeq = 0;
    this.#options.log.info('following the hub', {
      hub_id: welcome.hubId,
      cluster: welcome.clusterName,
      session: this.state.session,
      incarnation: this.state.incarnation,
    });
    for (const listener of this.welcomed) listener(welcome);
  }

  /** Counters first, then the stream: no hub is told the same session number twice. */
  async #open({ incarnation, session }: SessionCounters): Promise<void> {
    this.#attempts += 1;
    const attempt = this.#attempts;
    try {
      await this.#save({ incarnation, session });
    } catch (error) {
      if (attempt === this.#attempts)
        this.#down(session, `cannot save the session counters: ${describeError(error)}`, 0);
      return;
    }
    this.incarnation = incarnation;
    const isStillWanted = attempt === this.#attempts && this.state.phase.kind === 'opening';
    if (this.#signal.aborted || this.state.session !== session || !isStillWanted) return;
    const link = new SessionLink(this.#options.link, this.#signal);
    this.#link = link;
    const onlyNow = (tell: () => void): void => {
      if (attempt === this.#attempts) tell();
    };
    await link.run({
      up: () => onlyNow(() => this.#step({ kind: 'link-up', session })),
      frame: (frame) => {
        this.heardAtMs = this.#options.clock.nowMs();
        if (frame.kind === 'heartbeat') this.foldedReportSeq = frame.reportSeq;
        this.#step({ kind: 'frame', session, frame });
      },
      down: (text, retryAfterMs) => onlyNow(() => this.#down(session, text, retryAfterMs)),
    });
  }

  async #save(counters: SessionCounters): Promise<void> {
    const { incarnation, session } = this.#durable;
    if (counters.incarnation === incarnation && counters.session === session) return;
    await writeCounters(this.#options.store, counters, this.#signal);
    this.#durable = counters;
  }

  #down(session: number, text: string, retryAfterMs: number): void {
    if (!this.#signal.aborted) this.#step({ kind: 'link-down', session, text, retryAfterMs });
  }

  async #persist(rows: readonly Row[], generation: number): Promise<void> {
    const { stored, failed } = await storeRows(this.#options.rows, rows);
    for (const row of failed) {
      this.#options.log.error('cannot store a row', { placement: row.placement, reason: row.text });
    }
    if (generation === this.#generation) this.#step({ kind: 'persisted', stored, failed });
    else this.#restart();
  }

  /** Until something is due, or a step made something due sooner. */
  async #sleep(): Promise<void> {
    const idleUntilMs = this.#options.clock.nowMs() + idleMs;
    this.#sleepsUntilMs = Math.min(idleUntilMs, this.#wakeAtMs ?? idleUntilMs);
    await this.#wakeUp.until(this.#sleepsUntilMs, this.#signal);
  }

  #track(work: Promise<void>): void {
    const done = work.finally(() => this.#running.delete(done));
    this.#running.add(done);
  }
}
