import { assignmentAt, claimOn, macOf, removalAt, setDigestOf, sha256 } from '../raw/rows.ts';
import type { AgentScript } from './agent-script.ts';
import { begin, hearAck } from './agent-steps.ts';
import { delta, hubBeat } from './frames.ts';

const cart = assignmentAt({ placement: 'cart', seq: 10n });
const shop = assignmentAt({ placement: 'shop', seq: 20n });

/** Rows that are taken, kept and shown. */
export const agentRowScripts: readonly AgentScript[] = [
  {
    rule: '4.4',
    name: 'rows are accepted once they are durable, and shown with their proof in the next Hello',
    steps: [
      ...begin,
      { say: delta(1n, [cart, removalAt({ placement: 'old', seq: 12n })]) },
      hearAck(1n, ['+cart@10', '+old@12']),
      { durable: ['+cart@10', '-old@12'] },
      { end: true },
      { comes: {} },
      {
        hear: 'hello',
        that(value) {
          const claims = [claimOn(cart), claimOn(removalAt({ placement: 'old', seq: 12n }))];
          if (value.session !== 2n || value.epoch !== 1n) return 'session 2 and epoch 1';
          if (!value.heldDigest.equals(setDigestOf(claims))) return 'the digest of both rows';
          const cartClaim = value.held.find((claim) => claim.placement === 'cart');
          return cartClaim?.mac.equals(cart.mac) && cartClaim.eventHash.equals(cart.eventHash)
            ? undefined
            : 'the proof of cart';
        },
      },
    ],
  },
  {
    rule: '4.4',
    name: 'nothing is acknowledged while it is not durable',
    steps: [
      ...begin,
      { agent: { diskHangs: true } },
      { say: delta(1n, [cart]) },
      { beating: 12_000, beat: hubBeat([]) },
      {
        hear: 'heartbeat',
        that: ({ heldDigest }) => (heldDigest.equals(setDigestOf([])) ? undefined : 'nothing held'),
      },
      { agent: { diskHangs: false } },
      hearAck(1n, ['+cart@10']),
    ],
  },
  {
    rule: '4.5',
    name: 'what is not newer is STALE, also after a removal; the row stays',
    steps: [
      ...begin,
      { say: delta(1n, [cart, removalAt({ placement: 'old', seq: 12n })]) },
      hearAck(1n, ['+cart@10', '+old@12']),
      {
        say: delta(2n, [
          assignmentAt({ placement: 'cart', seq: 9n }),
          assignmentAt({ placement: 'old', seq: 11n }),
        ]),
      },
      hearAck(2n, ['STALE cart@9', 'STALE old@11']),
      { say: delta(3n, [assignmentAt({ placement: 'cart', seq: 10n, decision: 'other' })]) },
      hearAck(3n, ['STALE cart@10']),
      { durable: ['+cart@10', '-old@12'] },
    ],
  },
  {
    rule: '3.1',
    name: 'a newer epoch wins over a higher sequence, and an older epoch never does',
    steps: [
      ...begin,
      { say: delta(1n, [assignmentAt({ placement: 'cart', seq: 500n })]) },
      hearAck(1n, ['+cart@500']),
      { say: delta(2n, [assignmentAt({ placement: 'cart', seq: 3n, epoch: 2n })]) },
      hearAck(2n, ['+cart@3']),
      { say: delta(3n, [assignmentAt({ placement: 'cart', seq: 600n })]) },
      hearAck(3n, ['STALE cart@600']),
    ],
  },
  {
    rule: '4.5',
    name: 'the very row again is taken: the new MAC is what the next Hello shows',
    steps: [
      ...begin,
      { say: delta(1n, [cart]) },
      hearAck(1n, ['+cart@10']),
      { say: delta(2n, [{ ...cart, mac: sha256('another key') }]) },
      hearAck(2n, ['+cart@10']),
      { end: true },
      { comes: {} },
      {
        hear: 'hello',
        that: ({ held }) => (held[0]?.mac.equals(sha256('another key')) ? undefined : 'the new MAC'),
      },
    ],
  },
  {
    rule: '4.5',
    name: 'a row that cannot be stored is refused with STORE, and taken when it comes again',
    steps: [
      ...begin,
      { agent: { diskFull: true } },
      { say: delta(1n, [cart]) },
      hearAck(1n, ['STORE cart@10']),
      { durable: [] },
      { agent: { diskFull: false } },
      { say: delta(2n, [cart]) },
      hearAck(2n, ['+cart@10']),
    ],
  },
  {
    rule: '4.3',
    name: 'a complete delta that does not name a row removes nothing',
    steps: [
      ...begin,
      { say: delta(1n, [cart]) },
      hearAck(1n, ['+cart@10']),
      { say: delta(2n, [shop]) },
      hearAck(2n, ['+shop@20']),
      { durable: ['+cart@10', '+shop@20'] },
    ],
  },
  {
    rule: '4.1',
    name: 'a nonce that leaves one out ends the stream',
    steps: [...begin, { say: delta(2n, [cart]) }, { leaves: true }, { durable: [] }],
  },
  {
    rule: '4.2',
    name: 'a second delta while one is unacknowledged ends the stream',
    steps: [
      ...begin,
      { agent: { diskHangs: true } },
      { say: delta(1n, [cart]) },
      { say: delta(2n, [shop]) },
      { leaves: true },
      { agent: { diskHangs: false } },
      { durable: ['+cart@10'] },
    ],
  },
  {
    rule: '7.1',
    name: 'rows survive a restart of the agent, which says what it holds',
    steps: [
      ...begin,
      { say: delta(1n, [cart]) },
      hearAck(1n, ['+cart@10']),
      { agent: { restart: true } },
      { comes: {} },
      {
        hear: 'hello',
        that: ({ held, incarnation, session }) =>
          held.length === 1 &&
          held[0]?.mac.equals(macOf(cart, cart.variantDigest)) &&
          incarnation === 1n &&
          session === 2n
            ? undefined
            : 'cart, incarnation 1, session 2',
      },
    ],
  },
];
