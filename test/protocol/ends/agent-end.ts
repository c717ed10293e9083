import { openHeldRows } from '@flotilla/agent/held-rows';
import { hubLinkOf } from '@flotilla/agent/io/hub-link';
import type { AgentIdentity, HubLink } from '@flotilla/agent/ports';
import { type Session, startSession } from '@flotilla/agent/session';
import { type ClusterName, type ClusterUid, type HubId, seededRandom } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { silentLogger } from '@flotilla/shared/kit';
import { type ManualClock, manualClock } from '@flotilla/shared/kit/manual-clock';
import { type Report, zeroDigest } from '@flotilla/shared/model';
import { memoryStateStore } from '../../fakes/state-store.ts';
import type { Identity } from '../raw/certificates.ts';
import { scriptUid } from '../raw/rows.ts';
import type { AgentChange } from '../scripts/agent-script.ts';
import { scriptHubId } from '../scripts/frames.ts';
import { Taken } from './counted.ts';

/** A store in memory whose disk can be full or hang. */
function scriptStore() {
  const store = memoryStateStore();
  let hanging: PromiseWithResolvers<void> | undefined;
  let isFull = false;
  store.beforeWrite = async (key) => {
    await hanging?.promise;
    if (isFull && key.startsWith('rows/')) throw new Error('no space left on device');
  };
  return Object.assign(store, {
    fill(fills: boolean): void {
      isFull = fills;
    },
    hang(hangs: boolean): void {
      hanging?.resolve();
      hanging = hangs ? Promise.withResolvers<void>() : undefined;
    },
  });
}

/** A real agent end (link and session) over a disk that a script holds in its hands. */
export class AgentEnd {
  readonly clock: ManualClock = manualClock();
  readonly store = scriptStore();
  readonly told: string[] = [];
  /** Frames that the session has taken on its newest stream. */
  taken = new Taken();
  readonly #identity: AgentIdentity;
  #stop = new AbortController();
  #session: Session | undefined;
  #reportSeq = 0;

  constructor(port: number, caPem: string, identity: Identity) {
    this.#identity = {
      hubId: scriptHubId as HubId,
      clusterUid: scriptUid as ClusterUid,
      clusterName: 'eu-1' as ClusterName,
      agentsAddress: `localhost:${port}`,
      privateKeyPem: identity.keyPem,
      certificateChainPem: identity.certPem,
      caBundlePem: caPem,
      natsSeed: '',
      natsUserJwt: '',
      natsUrls: [],
    };
  }

  get session(): Session | undefined {
    return this.#session;
  }

  async start(): Promise<void> {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const format = { encode: encodeStoredRow, parse: parseStoredRow };
    const { rows } = await openHeldRows(this.store, format, signal);
    const told = (_: string, fields?: { readonly code?: unknown }) => {
      if (fields?.code !== undefined) this.told.push(`alarm ${fields.code}`);
    };
    this.#session = await startSession(
      {
        link: this.#link(),
        rows,
        store: this.store,
        clock: this.clock,
        random: seededRandom(3),
        log: { ...silentLogger, error: told },
        hubId: this.#identity.hubId,
        agentVersion: '0.1.0',
        kubeSystemUid: 'kube',
        capabilities: [],
        lastReportSeq: () => this.#reportSeq,
      },
      signal,
    );
    this.#session.onWantReport(() => this.told.push('want-report'));
  }

  /** The real link, the frames of each stream counted. */
  #link(): HubLink {
    const link = hubLinkOf({ identity: () => this.#identity });
    return {
      renew: link.renew,
      open: async (signal) => {
        const stream = await link.open(signal);
        this.taken = new Taken();
        const frames = this.taken.over(stream.frames);
        return { frames, send: (frame, sending) => stream.send(frame, sending), close: () => stream.close() };
      },
    };
  }

  async change(what: AgentChange): Promise<void> {
    if (what.diskFull !== undefined) this.store.fill(what.diskFull);
    if (what.diskHangs !== undefined) this.store.hang(what.diskHangs);
    this.#reportSeq = what.reportSeq ?? this.#reportSeq;
    if (what.sendReport !== undefined) this.#session?.sendReport(reportOf(this.#session, what.sendReport));
    if (what.restart) {
      await this.stop();
      await this.start();
    }
  }

  /** The rows on disk, as `+name@seq` and `-name@seq`. */
  durable(): readonly string[] {
    return this.store
      .stored('rows/')
      .map(([key, record]) => {
        const sign = Object(record).kind === 'removal' ? '-' : '+';
        return `${sign}${key.slice(5)}@${Object(record).version.split('.')[1]}`;
      })
      .sort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.store.hang(false);
    await this.#session?.ended;
  }
}

function reportOf(session: Session, seq: number): Report {
  return {
    incarnation: session.incarnation(),
    seq,
    heldDigest: zeroDigest,
    assignments: [],
    facts: {
      kubernetes: '',
      nodes: 0,
      agent: '0.1.0',
      isSimulated: false,
      fetchRungs: {},
      inventoryParent: '',
      more: {},
    },
    madeAtMs: 0,
    trimmed: [],
  };
}
