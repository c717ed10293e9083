import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { limits } from '@flotilla/shared/base';
import { rejectionCodes } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeGossip, type GossipMessage, parseGossip } from './gossip-message.ts';
import { jointPresence } from './joint-presence.ts';
import { foldGossip, noPeers } from './peers.ts';

const uids = ['a', 'b', 'c'].map((letter) => letter.repeat(26) as ClusterUid);
const sighting = fc.record({
  cluster: fc.constantFrom(...uids),
  incarnation: fc.nat(3),
  session: fc.nat(5),
  announcedSeq: fc.option(fc.nat(9), { nil: undefined }),
  isConnected: fc.boolean(),
});
const rejection = fc.record({
  cluster: fc.constantFrom(...uids),
  row: fc.record({
    placement: fc.constant('shop' as PlacementName),
    version: fc.record({ epoch: fc.nat(2), seq: fc.nat(99) }),
    code: fc.constantFrom(...rejectionCodes),
    text: fc.string({ maxLength: 20 }),
  }),
});
const message: fc.Arbitrary<GossipMessage> = fc.record({
  process: fc.constantFrom('x', 'y', 'z'),
  no: fc.nat(1_000),
  kind: fc.constantFrom('hello', 'news', 'digest', 'leaving'),
  sightings: fc.array(sighting, { maxLength: 5 }),
  rejections: fc.array(rejection, { maxLength: 3 }),
});

describe('what hub processes tell each other', () => {
  test('is read as it was said', () => {
    fc.assert(
      fc.property(message, (said) => {
        const read = parseGossip(JSON.parse(JSON.stringify(encodeGossip(said))));
        expect(read).toEqual({ ok: true, value: said });
      }),
    );
  });

  test('is refused as a whole, never half taken, when anything in it is wrong', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void parseGossip(value)));
    const good = encodeGossip({ process: 'x', no: 1, kind: 'news', sightings: [], rejections: [] });
    const wrong = [
      { format: 2 },
      { process: '' },
      { no: -1 },
      { kind: 'shout' },
      { sightings: [[uids[0], 1, 1, -1]] },
      { sightings: [['BAD', 1, 1, -1, true]] },
      { sightings: Array(limits.gossipSightingsMax + 1).fill([uids[0], 1, 1, -1, true]) },
      { rejections: [[uids[0], 'shop', 1, 1, 'POLICY', 'x'.repeat(limits.reasonTextMax + 1)]] },
    ];
    for (const change of wrong) expect(parseGossip({ ...Object(good), ...change }).ok).toBe(false);
    expect(
      parseGossip({ ...Object(good), rejections: [[uids[0], 'shop', 1, 1, 'NEWER', '']] }),
    ).toMatchObject({
      value: { rejections: [{ row: { code: 'UNKNOWN' } }] },
    });
  });

  test('gives the same in any order and however often each message comes', () => {
    const numbered = fc
      .array(message, { maxLength: 12 })
      .map((all) => all.map((one, no) => ({ ...one, no })));
    fc.assert(
      fc.property(numbered, fc.infiniteStream(fc.nat()), (all, chance) => {
        const orders = all
          .flatMap((one) => [one, one])
          .map((one) => ({ one, key: chance.next().value ?? 0 }));
        const shuffled = orders.sort((left, right) => left.key - right.key).map(({ one }) => one);
        const [straight, mixed] = [all, shuffled].map((messages) =>
          messages.reduce((peers, one) => foldGossip(peers, one, 5), noPeers('a')),
        );
        for (const uid of uids) {
          const see = (peers: typeof straight) =>
            jointPresence({ startedMs: 0, own: new Map(), peers: peers!, startGraceMs: 300_000 }, uid, {
              nowMs: 6,
              hasReported: true,
            });
          expect(see(mixed)).toEqual(see(straight));
        }
      }),
    );
  });
});
