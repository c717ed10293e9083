import type { ClusterUid } from '@flotilla/shared/base';
import { limits } from '@flotilla/shared/base';
import { streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import type { GossipMessage } from './gossip-message.ts';
import { isJustUnknown, jointPresence, newestSighting, type Whereabouts } from './joint-presence.ts';
import { foldGossip, forgetPeers, gossipTimes, noPeers, type Peers, peersPresent } from './peers.ts';
import { heardEnd, heardNow } from './presence.ts';

const uid = 'c'.repeat(26) as ClusterUid;
const longAfterMs = 3_600_000;

/** What process b says of the cluster's stream. */
function word(
  change: Partial<GossipMessage> & { readonly session?: number; readonly isConnected?: boolean } = {},
) {
  const { session = 4, isConnected = true, ...rest } = change;
  const sighting = { cluster: uid, incarnation: 1, session, announcedSeq: 7, isConnected };
  return { process: 'b', no: 1, kind: 'digest', sightings: [sighting], rejections: [], ...rest } as const;
}

/** Process a, which has heard itself every ten seconds up to `untilMs`, and these words at their times. */
function heard(words: readonly (readonly [number, GossipMessage])[], untilMs = longAfterMs): Peers {
  const echoes: (readonly [number, GossipMessage])[] = [];
  for (let ms = 0; ms <= untilMs; ms += gossipTimes.digestMs) {
    echoes.push([ms, word({ process: 'a', sightings: [] })]);
  }
  const all = [...echoes, ...words].sort(([left], [right]) => left - right);
  return all.reduce((peers, [ms, message]) => foldGossip(peers, message, ms), noPeers('a'));
}

function seen(peers: Peers, nowMs: number, own: Whereabouts['own'] = new Map()) {
  return jointPresence({ startedMs: 0, own, peers, startGraceMs: streamTimes.startGraceMs }, uid, {
    nowMs,
    hasReported: true,
  });
}

describe('a cluster whose stream another process holds', () => {
  test('is connected here, with the report that its agent named there', () => {
    expect(seen(heard([[longAfterMs, word()]]), longAfterMs)).toEqual({
      presence: 'connected',
      announced: { incarnation: 1, seq: 7 },
    });
  });

  test('stays so while its process repeats it, and a digest or two may be lost', () => {
    const peers = heard([[longAfterMs, word()]]);
    expect(seen(peers, longAfterMs + gossipTimes.heardForMs - 1).presence).toBe('connected');
    expect(seen(peers, longAfterMs + gossipTimes.heardForMs).presence).toBe('suspect');
  });

  test('is judged by age when its process says that the stream ended', () => {
    const peers = heard([
      [longAfterMs - streamTimes.silentMs, word()],
      [longAfterMs - streamTimes.silentMs, word({ no: 2, isConnected: false })],
    ]);
    expect(seen(peers, longAfterMs - 1).presence).toBe('suspect');
    expect(seen(peers, longAfterMs).presence).toBe('disconnected');
  });

  test.each([
    ['silent', [] as const, gossipTimes.heardForMs],
    ['gone with a goodbye', [[longAfterMs, word({ no: 2, kind: 'leaving', sightings: [] })]] as const, 0],
  ])('is at worst suspect for five minutes after its process is %s', (_how, more, awayAfterMs) => {
    const awayMs = longAfterMs + awayAfterMs;
    const peers = heard([[longAfterMs, word()], ...more], longAfterMs + 1_000_000);

    expect(seen(peers, awayMs).presence).toBe('suspect');
    expect(seen(peers, awayMs + streamTimes.startGraceMs - 1).presence).toBe('suspect');
    expect(seen(peers, awayMs + streamTimes.startGraceMs).presence).toBe('disconnected');
    expect(peersPresent(peers, awayMs)).toBe(0);
  });

  test('is never called offline while this process is deaf itself', () => {
    const peers = heard([[longAfterMs, word()]]);
    for (const afterMs of [600_000, 86_400_000]) {
      expect(seen(peers, longAfterMs + afterMs).presence).toBe('suspect');
    }
    const again = foldGossip(peers, word({ process: 'a', no: 99, sightings: [] }), longAfterMs + 86_400_000);
    expect(seen(again, longAfterMs + 86_400_000 + 60_000).presence).toBe('suspect');
  });

  test('makes this process doubt itself for a minute when its process fell silent', () => {
    const peers = heard([[longAfterMs, word()]], longAfterMs + 200_000);
    const isDoubted = (nowMs: number) => {
      const newest = newestSighting({ own: new Map(), peers }, uid, nowMs);
      return newest !== undefined && isJustUnknown(newest, nowMs);
    };
    const awayMs = longAfterMs + gossipTimes.heardForMs;
    expect([awayMs - 1, awayMs, awayMs + 59_999, awayMs + 60_000].map(isDoubted)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('of two streams', () => {
  const own = (session: number, isOpen = true) => {
    const now = heardNow(longAfterMs);
    const one = {
      incarnation: 1,
      session,
      announcedSeq: 9,
      heard: isOpen ? now : heardEnd(now, longAfterMs),
    };
    return new Map([[uid, one]]);
  };

  test('the newer one counts, wherever it is', () => {
    const peers = heard([[longAfterMs, word({ session: 4 })]]);
    expect(seen(peers, longAfterMs, own(5)).announced?.seq).toBe(9);
    expect(seen(peers, longAfterMs, own(3)).announced?.seq).toBe(7);
  });

  test('the end of the older one says nothing of the newer', () => {
    const peers = heard([[longAfterMs, word({ session: 4 })]]);
    expect(seen(peers, longAfterMs, own(3, false)).presence).toBe('connected');
  });

  test('a newer one at a third process takes the place of one whose process died', () => {
    const peers = heard([
      [longAfterMs - 500_000, word({ session: 4 })],
      [longAfterMs, word({ process: 'c', session: 5 })],
    ]);
    expect(seen(peers, longAfterMs).presence).toBe('connected');
  });
});

describe('what was told', () => {
  test('is not taken back by a message that was overtaken', () => {
    const peers = heard([
      [longAfterMs, word({ no: 9, isConnected: false })],
      [longAfterMs, word({ no: 8 })],
    ]);
    expect(seen(peers, longAfterMs).presence).toBe('suspect');
  });

  test('is forgotten when its process has been away for a quarter of an hour, and with the registration', () => {
    const peers = heard([[longAfterMs, word()]], longAfterMs + streamTimes.lostMs);
    const sizeAt = (nowMs: number, isRegistered: boolean) =>
      [...forgetPeers(peers, () => isRegistered, nowMs).byProcess.values()].map((peer) => peer.told.size);
    expect(sizeAt(longAfterMs + streamTimes.lostMs - 1, true)).toEqual([1]);
    expect(sizeAt(longAfterMs + streamTimes.lostMs - 1, false)).toEqual([0]);
    expect(sizeAt(longAfterMs + streamTimes.lostMs, true)).toEqual([]);
  });

  test('is bounded: of too many processes those that spoke last are kept', () => {
    const many = Array.from(
      { length: limits.hubProcessesMax + 5 },
      (_, index) => [longAfterMs + index, word({ process: `p${index}` })] as const,
    );
    const { byProcess } = heard(many);
    expect(byProcess.size).toBe(limits.hubProcessesMax);
    expect(byProcess.has('p4')).toBe(false);
    expect(byProcess.has('p5')).toBe(true);
  });
});
