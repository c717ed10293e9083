import {
  type AgentSessionInput,
  type AgentSessionOutput,
  type AgentSessionState,
  agentCapabilities,
  startAgentSession,
  stepAgentSession,
} from '@flotilla/agent/core';
import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { type Delta, formatVersion, type RejectedRow, type Row } from '@flotilla/shared/model';
import { fleet } from '../protocol/fleet.ts';
import type { Chance } from './chance.ts';
import { type AgentSide, type Link, makeLink, type Weather } from './link.ts';
import type { Storing } from './oracles/agents.ts';
import { Reports } from './reports.ts';
import type { Surroundings } from './surroundings.ts';
import { must } from './violation.ts';

/** What an agent lives in. */
export interface AgentWorld extends Surroundings {
  readonly weather: Weather;
  /** A row is about to become durable; what must not be is said here. */
  storing(storing: Storing): void;
  /** Hands a stream to some hub process; false = nobody answers. */
  dial(link: Link, uid: ClusterUid): boolean;
}

/** One agent: the production session core, a disk, and workloads that do what their content says. */
export class AgentProcess {
  readonly uid: ClusterUid;
  readonly name: string;
  /** What is durable; survives kills. */
  readonly disk = new Map<PlacementName, Row>();
  readonly reports: Reports;
  isDiskFull = false;
  /** When something last went wrong with it, or was put right. */
  troubleAtMs = 0;
  #isCutOff = false;
  state: AgentSessionState | undefined;
  readonly #world: AgentWorld;
  readonly #chance: Chance;
  /** All that it was ever sent. */
  readonly #deltas: Delta[] = [];
  #counters = { incarnation: 1, session: 0 };
  #life = 0;
  #wake = 0;
  #link: Link | undefined;

  constructor(
    identity: { readonly uid: ClusterUid; readonly name: string },
    world: AgentWorld,
    chance: Chance,
  ) {
    this.uid = identity.uid;
    this.name = identity.name;
    this.#world = world;
    this.#chance = chance;
    this.reports = new Reports(identity, world, {
      chance: chance.branch(),
      sendByStream: (report) => {
        const isOpen = this.state?.phase.kind === 'following';
        if (isOpen) this.#step({ kind: 'send-report', report });
        return isOpen;
      },
    });
  }

  start(): void {
    if (this.state !== undefined) return;
    this.troubleAtMs = this.#world.time.nowMs;
    this.#life += 1;
    const settings = {
      hubId: fleet.hubId,
      agentVersion: '0.1.0',
      kubeSystemUid: '',
      capabilities: agentCapabilities,
      seed: this.#chance.whole(0, 1e9),
    };
    const rows = [...this.disk.values()];
    this.state = startAgentSession(settings, { rows, ...this.#counters }, this.#world.time.nowMs);
    this.reports.start(this.state.incarnation, rows);
    this.#step({ kind: 'tick', reportSeq: 0 });
  }

  kill(): void {
    if (this.state === undefined) return;
    this.troubleAtMs = this.#world.time.nowMs;
    this.#life += 1;
    this.#wake += 1;
    this.state = undefined;
    this.reports.stop();
    this.cut();
  }

  /** The disk is new: rows and counters are gone. */
  loseDisk(): void {
    this.kill();
    this.disk.clear();
    this.#counters = { incarnation: 1, session: 0 };
    this.reports.forgetNumbers();
    this.start();
  }

  /** No network leads to the hubs, or one does again. */
  setCutOff(isCutOff: boolean): void {
    this.#isCutOff = isCutOff;
    this.troubleAtMs = this.#world.time.nowMs;
    if (isCutOff) this.cut();
  }

  /**
   * Something that speaks as the hub sends once more what the hub sent long ago: a process brought back from a copy of its
   * memory, or a mistake of ours. Nothing of it may make the cluster step back.
   */
  hearOld(): void {
    const { state } = this;
    const old = this.#deltas.length === 0 ? undefined : this.#chance.of(this.#deltas);
    if (old === undefined || state?.phase.kind !== 'following' || state.persisting !== undefined) return;
    const delta = { ...old, nonce: state.phase.lastNonce + 1 };
    this.#world.trace.add(`  ${this.name} is sent an old delta`);
    this.#step({ kind: 'frame', session: state.session, frame: { kind: 'delta', delta } });
    this.cut();
  }

  cut(): void {
    this.#link?.cut();
    if (this.state === undefined) this.#link = undefined;
  }

  #step(input: AgentSessionInput): void {
    if (this.state === undefined) return;
    const { time } = this.#world;
    const done = stepAgentSession(this.state, input, time.nowMs);
    this.state = done.state;
    for (const output of done.outputs) this.#perform(output);
    this.#wake += 1;
    const mine = this.#wake;
    if (done.wakeAtMs === undefined) return;
    time.after(done.wakeAtMs - time.nowMs, () => {
      if (this.#wake === mine) this.#step({ kind: 'tick', reportSeq: this.reports.lastSeq });
    });
  }

  #perform(output: AgentSessionOutput): void {
    switch (output.kind) {
      case 'open':
        this.#open(output);
        break;
      case 'send':
        this.#link?.send(output.frame);
        break;
      case 'close':
        this.#link?.close();
        this.#link = undefined;
        break;
      case 'persist':
        this.#persist(output.rows);
        break;
      case 'want-report':
        this.reports.changed();
        break;
      case 'raise':
      case 'note':
      case 'welcomed':
        break;
      default:
        output satisfies never;
    }
  }

  #open({ incarnation, session }: { readonly incarnation: number; readonly session: number }): void {
    this.#counters = { incarnation, session };
    this.reports.follow(incarnation);
    const mine = this.#life;
    const isMine = () => this.#life === mine && this.state?.session === session;
    this.#world.time.after(this.#chance.next() * 100, () => {
      if (!isMine() || this.state?.phase.kind !== 'opening') return;
      const side: AgentSide = {
        receive: (frame) => {
          if (this.#life !== mine) return;
          if (frame.kind === 'delta') this.#deltas.push(frame.delta);
          this.#step({ kind: 'frame', session, frame });
        },
        down: () => {
          if (this.#life === mine) this.#down(session);
        },
      };
      this.#link = makeLink(this.uid, side, { ...this.#world, chance: this.#chance });
      if (!this.#isCutOff && this.#world.dial(this.#link, this.uid)) this.#step({ kind: 'link-up', session });
      else this.#down(session);
    });
  }

  #down(session: number): void {
    this.troubleAtMs = this.#world.time.nowMs;
    this.#step({ kind: 'link-down', session, text: 'broken', retryAfterMs: 0 });
  }

  /** Rows reach the disk one by one, each at its own time; a kill leaves some of them there. */
  #persist(rows: readonly Row[]): void {
    const mine = this.#life;
    const stored: Row[] = [];
    const failed: RejectedRow[] = [];
    for (const row of rows) {
      this.#world.time.after(this.#chance.next() * 50, () => {
        if (this.#life !== mine) return;
        const { placement, version } = row;
        if (this.isDiskFull) failed.push({ placement, version, code: 'STORE', text: 'disk full' });
        else stored.push(this.#put(row));
        if (stored.length + failed.length < rows.length) return;
        this.#step({ kind: 'persisted', stored, failed });
      });
    }
  }

  #put(row: Row): Row {
    const old = this.disk.get(row.placement);
    this.#world.storing({ agent: this, old, row });
    const read = parseStoredRow(JSON.parse(JSON.stringify(encodeStoredRow(row))));
    must(read.ok, 'assertion', () => 'a stored row can be read again');
    this.disk.set(row.placement, read.value);
    this.#world.trace.add(`${this.name} holds ${row.placement} ${formatVersion(row.version)} ${row.kind}`);
    this.reports.take(read.value);
    return row;
  }
}
