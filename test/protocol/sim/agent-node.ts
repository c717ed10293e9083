import {
  type AgentSessionInput,
  type AgentSessionOutput,
  type AgentSessionState,
  startAgentSession,
  stepAgentSession,
} from '@flotilla/agent/core';
import { assert, type Random } from '@flotilla/shared/base';
import {
  agentFrameToBytes,
  encodeStoredRow,
  hubFrameFromBytes,
  parseStoredRow,
} from '@flotilla/shared/codec';
import { gzip } from '@flotilla/shared/kit';
import type { RejectedRow, Row } from '@flotilla/shared/model';
import { compareVersions } from '@flotilla/shared/model';
import { fleet } from '../fleet.ts';
import type { Link, LinkEnd } from './link.ts';
import type { Schedule } from './schedule.ts';

/** Opens a link to some hub process; undefined = nobody answers. */
export type Dial = (end: LinkEnd) => Link | undefined;

/** What an agent lives in. */
export interface AgentWorld {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly dial: Dial;
}

/** One agent and its disk, over a simulated network. */
export class AgentNode {
  readonly #world: AgentWorld;
  /** What is durable; survives crashes. */
  readonly disk = new Map<string, Row>();
  /** While true, rows cannot be stored. */
  isDiskFull = false;
  state: AgentSessionState | undefined;
  readonly #counters = { incarnation: 1, session: 0 };
  readonly #unwritten = new Set<Row>();
  #life = 0;
  #wake = 0;
  #link: Link | undefined;

  constructor(world: AgentWorld) {
    this.#world = world;
  }

  start(): void {
    const { random, schedule } = this.#world;
    this.#life += 1;
    const settings = {
      hubId: fleet.hubId,
      agentVersion: '0.1.0',
      kubeSystemUid: '',
      capabilities: [],
      seed: Math.floor(random.next() * 1e9),
    };
    const durable = { rows: [...this.disk.values()], ...this.#counters };
    this.state = startAgentSession(settings, durable, schedule.nowMs);
    this.#step({ kind: 'tick', reportSeq: 0 });
  }

  crash(): void {
    for (const row of this.#unwritten) if (this.#world.random.next() < 0.5) this.#put(row);
    this.#unwritten.clear();
    this.#life += 1;
    this.#wake += 1;
    this.state = undefined;
    this.#link?.cut();
    this.#link = undefined;
  }

  #step(input: AgentSessionInput): void {
    if (this.state === undefined) return;
    const { schedule } = this.#world;
    const done = stepAgentSession(this.state, input, schedule.nowMs);
    this.state = done.state;
    for (const output of done.outputs) this.#perform(output);
    this.#wake += 1;
    const mine = this.#wake;
    if (done.wakeAtMs === undefined) return;
    schedule.after(done.wakeAtMs - schedule.nowMs, () => {
      if (this.#wake === mine) this.#step({ kind: 'tick', reportSeq: 0 });
    });
  }

  #perform(output: AgentSessionOutput): void {
    switch (output.kind) {
      case 'open':
        this.#open(output);
        break;
      case 'send':
        this.#link?.sendToHub(agentFrameToBytes(output.frame, gzip));
        break;
      case 'close':
        this.#link?.closeFromAgent();
        this.#link = undefined;
        break;
      case 'persist':
        this.#persist(output.rows);
        break;
      default:
        break;
    }
  }

  #open({ session, incarnation }: { readonly session: number; readonly incarnation: number }): void {
    Object.assign(this.#counters, { incarnation, session });
    const mine = this.#life;
    const { schedule, random, dial } = this.#world;
    schedule.after(random.next() * 100, () => {
      const isStillWanted = this.state?.session === session && this.state.phase.kind === 'opening';
      if (this.#life !== mine || !isStillWanted) return;
      this.#link = dial({
        receive: (bytes) => {
          if (this.#life === mine) this.#receive(session, bytes);
        },
        down: () => {
          if (this.#life === mine) this.#down(session);
        },
      });
      if (this.#link === undefined) this.#down(session);
      else this.#step({ kind: 'link-up', session });
    });
  }

  #down(session: number): void {
    this.#step({ kind: 'link-down', session, text: 'broken', retryAfterMs: 0 });
  }

  #receive(session: number, bytes: Uint8Array): void {
    const frame = hubFrameFromBytes(bytes);
    assert(frame.ok, 'a hub sends frames that decode');
    if (frame.value !== undefined) this.#step({ kind: 'frame', session, frame: frame.value });
  }

  /** Rows reach the disk one by one, each at its own time; a crash leaves some of them there. */
  #persist(rows: readonly Row[]): void {
    const mine = this.#life;
    const stored: Row[] = [];
    const failed: RejectedRow[] = [];
    for (const row of rows) {
      this.#unwritten.add(row);
      this.#world.schedule.after(this.#world.random.next() * 50, () => {
        if (this.#life !== mine) return;
        this.#unwritten.delete(row);
        if (this.isDiskFull) {
          failed.push({ placement: row.placement, version: row.version, code: 'STORE', text: 'disk full' });
        } else {
          this.#put(row);
          stored.push(row);
        }
        if (stored.length + failed.length === rows.length) this.#step({ kind: 'persisted', stored, failed });
      });
    }
  }

  #put(row: Row): void {
    const old = this.disk.get(row.placement);
    assert(old === undefined || compareVersions(row.version, old.version) >= 0, 'no item moves backwards');
    assert(row.kind === 'assignment' || row.cause !== undefined, 'nothing is removed without a cause');
    const read = parseStoredRow(JSON.parse(JSON.stringify(encodeStoredRow(row))));
    assert(read.ok, 'a stored row can be read again');
    this.disk.set(row.placement, read.value);
  }
}
