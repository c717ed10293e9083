import type { Clock, ClusterUid } from '@flotilla/shared/base';
import { errorCode, isAbort } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { AgentFrame, Hello, HubFrame, Report, Row } from '@flotilla/shared/model';
import {
  type HubSessionEvent,
  type HubSessionOutput,
  type HubSessionState,
  type HubView,
  openHubSession,
  stepHubSession,
} from '../core/index.ts';
import type { AgentStream } from '../ports.ts';

/** What one stream needs of its host. */
export interface StreamHost {
  readonly clock: Clock;
  readonly log: Logger;
  view(stream: SessionStream): HubView;
  /** Does what only the host can: evidence, log end, reports. */
  perform(
    stream: SessionStream,
    output: Exclude<HubSessionOutput, { readonly kind: 'send' | 'close' }>,
  ): void;
  /** A Hello came: the host knows the other streams of the cluster. */
  greet(stream: SessionStream, hello: Hello): void;
  heard(stream: SessionStream, frame: AgentFrame): void;
  sent(frame: HubFrame): void;
  beatSkipped(): void;
  over(stream: SessionStream): void;
}

/** One assignment stream: feeds its machine, does what that says, and never queues more than a handful of frames. */
export class SessionStream {
  readonly uid: ClusterUid;
  /** The rows wanted on this cluster when they were last read; undefined = to be read again. */
  desired: readonly Row[] | undefined;
  /** Last sequence folded when `desired` was read. */
  desiredSeq: number | undefined;
  /** Hello came: from here on rows matter, and the host tells when they change. */
  isGreeted = false;
  /** When a tick is due. */
  wakeAtMs: number | undefined;
  #state: HubSessionState;
  #isOver = false;
  #outbox: Promise<void> = Promise.resolve();
  #queued = 0;
  #report: Report | undefined;
  #isPublishing = false;
  readonly #stream: AgentStream;
  readonly #host: StreamHost;
  readonly #ended = new AbortController();

  constructor(stream: AgentStream, host: StreamHost, seed: number) {
    this.uid = stream.peer;
    this.#stream = stream;
    this.#host = host;
    this.#state = openHubSession(seed, host.clock.nowMs());
  }

  get state(): HubSessionState {
    return this.#state;
  }

  /** Aborted when the stream is over. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Reads frames until the stream is over. Never rejects. */
  async run(): Promise<void> {
    this.step({ kind: 'tick' });
    try {
      for await (const frame of this.#stream.frames) {
        if (this.#isOver) break;
        this.#take(frame);
      }
      this.#end();
    } catch (error) {
      if (errorCode(error) === 'FRAME_UNDECODABLE') {
        this.step({ kind: 'undecodable', text: error instanceof Error ? error.message : '' });
      } else this.#host.log.debug('a stream broke', { cluster_uid: this.uid, error });
      this.#end();
    }
  }

  /** One thing that happened. A broken rule of our own closes this stream and no other. */
  step(event: HubSessionEvent): void {
    if (this.#isOver) return;
    try {
      const input = { event, view: this.#host.view(this) };
      const done = stepHubSession(this.#state, input, this.#host.clock.nowMs());
      this.#state = done.state;
      this.wakeAtMs = done.wakeAtMs;
      for (const output of done.outputs) this.#perform(output);
    } catch (error) {
      this.#host.log.error('a session broke a rule of our own', { cluster_uid: this.uid, error });
      this.#close();
    }
  }

  /** Publishes the newest report of the agent; while one is on its way only the newest of the others waits. */
  async publish(report: Report, send: (report: Report) => Promise<void>): Promise<void> {
    this.#report = report;
    if (this.#isPublishing) return;
    this.#isPublishing = true;
    for (let next = this.#takeReport(); next !== undefined; next = this.#takeReport()) {
      try {
        await send(next);
      } catch (error) {
        if (!isAbort(error)) {
          this.#host.log.warn('cannot publish a report', { cluster_uid: this.uid, error });
        }
      }
    }
    this.#isPublishing = false;
  }

  #takeReport(): Report | undefined {
    const report = this.#report;
    this.#report = undefined;
    return report;
  }

  #take(frame: AgentFrame): void {
    if (frame.kind === 'hello') this.#host.greet(this, frame);
    else this.step({ kind: 'frame', frame });
    this.#host.heard(this, frame);
  }

  #perform(output: HubSessionOutput): void {
    if (output.kind === 'send') this.#send(output.frame);
    else if (output.kind === 'close') {
      this.#host.log.debug('closing a stream', { cluster_uid: this.uid, reason: output.reason });
      this.#close();
    } else this.#host.perform(this, output);
  }

  /** Frames leave in order. A heartbeat behind a slow reader is left out: it would say nothing new. */
  #send(frame: HubFrame): void {
    if (frame.kind === 'heartbeat' && this.#queued > 0) {
      this.#host.beatSkipped();
      return;
    }
    this.#queued += 1;
    this.#outbox = this.#outbox.then(() => this.#write(frame));
    this.#host.sent(frame);
  }

  async #write(frame: HubFrame): Promise<void> {
    try {
      await this.#stream.send(frame, this.#ended.signal);
    } catch (error) {
      if (!isAbort(error)) {
        this.#host.log.debug('cannot send', { cluster_uid: this.uid, kind: frame.kind, error });
      }
      this.#end();
    } finally {
      this.#queued -= 1;
    }
  }

  /** Ends the stream after what is queued. */
  #close(): void {
    if (this.#isOver) return;
    this.#over();
    void this.#closeAfterOutbox();
  }

  async #closeAfterOutbox(): Promise<void> {
    const { clock } = this.#host;
    const patience = new AbortController();
    // A reader that takes nothing must not hold the stream: the last word is worth a moment, not more.
    const slow = clock.sleep(farewellMs, patience.signal).catch(() => {});
    await Promise.race([this.#outbox, slow]);
    patience.abort();
    this.#ended.abort();
    this.#stream.close();
  }

  /** The other side, or the network, ended it. */
  #end(): void {
    if (this.#isOver) return;
    this.step({ kind: 'ended' });
    this.#over();
    this.#ended.abort();
    this.#stream.close();
  }

  #over(): void {
    this.#isOver = true;
    this.wakeAtMs = undefined;
    this.#host.over(this);
  }
}

/** How long a slow reader may take for the last word. */
const farewellMs = 2_000;
