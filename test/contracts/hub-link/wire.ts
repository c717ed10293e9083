import type { HubLink } from '@flotilla/agent/ports';
import type { AgentStream } from '@flotilla/hub/ports';
import type { ClusterUid, Digest } from '@flotilla/shared/base';
import { type AgentFrame, type HubFrame, type RemovalRow, zeroDigest } from '@flotilla/shared/model';
import { expect } from 'vitest';
import { removalOf } from '../../protocol/fleet.ts';

/** An agent's link and a hub's listener with something between them: both suites about the stream run on it. */
export interface Wire extends AsyncDisposable {
  /** Whose link it is. */
  readonly uid: ClusterUid;
  readonly link: HubLink;
  /** The hub's end of the next stream. */
  accept(): Promise<AgentStream>;
  /** The hub's process dies, or comes back at the same address. */
  setUp(isUp: boolean): Promise<void>;
  /** The hub's address takes connections and never says a word. */
  fallSilent(): Promise<void>;
  /** An agent opens a stream and sends what is no frame. */
  sendRubbish(): Promise<void>;
  /** The listener is closed: it takes no more streams. */
  closeListener(): Promise<void>;
}

/** Makes a world. */
export type MakeWire = () => Promise<Wire>;

/** A heartbeat of an agent that says its number. */
export function agentBeat(reportSeq: number): AgentFrame {
  return { kind: 'heartbeat', heldDigest: zeroDigest, reportSeq };
}

/** A heartbeat of a hub that says its number. */
export function hubBeat(reportSeq: number): HubFrame {
  return { kind: 'heartbeat', desiredDigest: 'a'.repeat(64) as Digest, reportSeq, wantReport: false };
}

/** Bytes of one row in the large frames below. */
const rowBytes = 110;

/** An agent's frame of about so many bytes: the greeting of one that holds many rows. */
export function agentFrameOf(bytes: number): AgentFrame {
  const held = removals(bytes).map(({ placement, version, proof }) => ({
    placement,
    version,
    proof,
    variantDigest: zeroDigest,
    isRemoved: true,
  }));
  return {
    kind: 'hello',
    protocolVersions: [1],
    agentVersion: '0.1.0',
    incarnation: 1,
    session: 1,
    hubId: undefined,
    epoch: 1,
    held,
    heldDigest: zeroDigest,
    kubeSystemUid: '',
    capabilities: [],
  };
}

/** A hub's frame of about so many bytes: a delta of many rows. */
export function hubFrameOf(bytes: number): HubFrame {
  const delta = { nonce: 1, upserts: [], removals: removals(bytes), malformed: [], isComplete: true };
  return { kind: 'delta', delta };
}

function removals(bytes: number): readonly RemovalRow[] {
  return Array.from({ length: Math.ceil(bytes / rowBytes) }, (_, index) =>
    removalOf({ placement: `p-${String(index).padStart(6, '0')}`, seq: index + 1 }),
  );
}

/** Reads so many frames. */
export async function take<Frame>(frames: AsyncIterable<Frame>, count: number): Promise<readonly Frame[]> {
  const taken: Frame[] = [];
  if (count === 0) return taken;
  for await (const frame of frames) {
    taken.push(frame);
    if (taken.length === count) break;
  }
  return taken;
}

/** Reads to the end; the error where there is one. */
export async function endOf(frames: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const _ of frames);
    return 'ended';
  } catch (error) {
    return error;
  }
}

/** Frames that nobody reads stop travelling before so many are on their way: read-ahead and transport buffers. */
const unreadMax = 300;

/**
 * Sends while the other end does not read, until nothing is taken any more, and aborts then. Tells how many were taken and
 * what became of the one that waited.
 */
export async function flood<Frame>(
  end: { send(frame: Frame, signal: AbortSignal): Promise<void> },
  frame: Frame,
  reason: Error,
): Promise<{ readonly sent: number; readonly outcome: unknown }> {
  const stop = new AbortController();
  let sent = 0;
  const flooding = (async () => {
    for (; sent < unreadMax; sent += 1) await end.send(frame, stop.signal);
  })();
  const outcome = flooding.then(
    () => 'all were taken',
    (error: unknown) => error,
  );
  let before = -1;
  const standsStill = (): boolean => {
    const isStill = before === sent;
    before = sent;
    return isStill;
  };
  await expect.poll(standsStill, { timeout: 15_000, interval: 300 }).toBe(true);
  stop.abort(reason);
  return { sent, outcome: await outcome };
}
