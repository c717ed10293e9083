import { type AgentFrame, RejectionCode } from '@flotilla/proto/assignment';
import { assignmentAt, claimOn, removalAt, setDigestOf } from '../raw/rows.ts';
import { accepting, agentBeat, hello, rejecting, rowsIn } from './frames.ts';
import { refusedWith } from './hub-greeting.ts';
import type { HubScript, HubStep } from './hub-script.ts';

const cart = assignmentAt({ placement: 'cart', seq: 10n });
const shop = assignmentAt({ placement: 'shop', seq: 20n });
const gone = removalAt({ placement: 'gone', seq: 30n });

/** A Delta with exactly these rows (`+name@seq`, `-name@seq`). */
export function hearRows(rows: readonly string[], nonce: bigint, complete = true): HubStep {
  return {
    hear: 'delta',
    that(value) {
      if (value.nonce !== nonce) return `nonce ${nonce}, but it was ${value.nonce}`;
      if (value.complete !== complete) return `complete = ${complete}`;
      return rowsIn(value).join() === rows.join()
        ? undefined
        : `${rows.join()}, but: ${rowsIn(value).join()}`;
    },
  };
}

const begin: readonly HubStep[] = [{ say: hello() }, { hear: 'welcome' }];

function large(placement: string) {
  const patch = {
    target: undefined,
    patch: { $case: 'mergePatch' as const, value: `"${'x'.repeat(300_000)}"` },
  };
  const { render } = assignmentAt({ placement, seq: 10n });
  return assignmentAt({ placement, seq: 10n }, { render: { ...render!, patches: [patch] } });
}

function wrongAck(name: string, say: AgentFrame): HubScript {
  return {
    rule: '4.7',
    name: `an Ack ${name} ends the stream`,
    start: { rows: [cart] },
    steps: [...begin, hearRows(['+cart@10'], 1n), { say }, ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT')],
  };
}

/** Deltas and their Acks. */
export const hubDeltaScripts: readonly HubScript[] = [
  {
    rule: '4.1',
    name: 'only what differs is sent, a removal with cause, mode and proof',
    start: { rows: [cart, gone, assignmentAt({ placement: 'shop', seq: 21n, tree: 'new' })] },
    steps: [
      { say: hello([claimOn(cart), claimOn(shop), claimOn(assignmentAt({ placement: 'gone', seq: 3n }))]) },
      { hear: 'welcome' },
      {
        hear: 'delta',
        that(value) {
          const [removal] = value.removals;
          if (rowsIn(value).join() !== '+shop@21,-gone@30') return rowsIn(value).join();
          if (removal?.cause?.cause?.$case !== 'decision' || removal.mode !== 1) return 'cause and mode';
          return removal.mac.equals(gone.mac) ? undefined : 'the MAC of PROTOCOL.md 3.2';
        },
      },
    ],
  },
  {
    rule: '4.2',
    name: 'while a Delta is unacknowledged nothing follows, then only the newest',
    start: { rows: [cart] },
    steps: [
      ...begin,
      hearRows(['+cart@10'], 1n),
      { hub: { rows: [assignmentAt({ placement: 'cart', seq: 40n, tree: 'second' })] } },
      { hub: { rows: [assignmentAt({ placement: 'cart', seq: 50n, tree: 'third' }), shop] } },
      { beating: 12_000, beat: agentBeat([]) },
      { say: accepting(1n, [cart]) },
      hearRows(['+cart@50', '+shop@20'], 2n),
      { say: accepting(2n, [assignmentAt({ placement: 'cart', seq: 50n, tree: 'third' }), shop]) },
      { hub: { rows: [assignmentAt({ placement: 'cart', seq: 50n, tree: 'third' }), shop, gone] } },
      hearRows(['-gone@30'], 3n),
    ],
  },
  {
    rule: '4.3',
    name: 'a large set comes in several deltas below 1 MiB, complete on the last',
    start: { rows: ['a', 'b', 'c', 'd', 'e'].map(large) },
    steps: [
      ...begin,
      hearRows(['+a@10', '+b@10', '+c@10'], 1n, false),
      { say: accepting(1n, ['a', 'b', 'c'].map(large)) },
      hearRows(['+d@10', '+e@10'], 2n),
    ],
  },
  {
    rule: '4.4',
    name: 'accepted rows are told to the hub as held, and the heartbeat names their digest',
    start: { rows: [cart, shop] },
    steps: [
      ...begin,
      hearRows(['+cart@10', '+shop@20'], 1n),
      { say: accepting(1n, [cart, shop]) },
      { told: 'held cart@1.10,shop@1.20' },
      { beating: 12_000, beat: agentBeat([claimOn(cart), claimOn(shop)]) },
      {
        hear: 'heartbeat',
        that: ({ desiredDigest }) =>
          desiredDigest.equals(setDigestOf([claimOn(cart), claimOn(shop)])) ? undefined : 'the agreed digest',
      },
    ],
  },
  {
    rule: '4.6',
    name: 'a rejected row is evidence and is not sent again on the stream, a newer version is',
    start: { rows: [cart] },
    steps: [
      ...begin,
      hearRows(['+cart@10'], 1n),
      { say: rejecting(1n, [cart], RejectionCode.UNSUPPORTED) },
      { told: 'rejected cart@1.10 UNSUPPORTED' },
      { hub: { rows: [cart, shop] } },
      hearRows(['+shop@20'], 2n),
      { say: accepting(2n, [shop]) },
      { beating: 90_000, beat: agentBeat([claimOn(shop)]) },
      {
        hear: 'heartbeat',
        that: ({ desiredDigest }) =>
          desiredDigest.equals(setDigestOf([claimOn(shop)])) ? undefined : 'rejected rows left out',
      },
      { hub: { rows: [assignmentAt({ placement: 'cart', seq: 60n }), shop] } },
      hearRows(['+cart@60'], 3n),
    ],
  },
  {
    rule: '4.6',
    name: 'a rejected row is sent again on the next stream',
    start: { rows: [cart] },
    steps: [
      ...begin,
      hearRows(['+cart@10'], 1n),
      { say: rejecting(1n, [cart], RejectionCode.UNSUPPORTED) },
      { leave: true },
      { on: 'b', say: hello([], { session: 2n }) },
      { on: 'b', hear: 'welcome' },
      { on: 'b', ...hearRows(['+cart@10'], 1n) },
    ],
  },
  {
    rule: '4.6',
    name: 'a row that could not be stored is sent again after a minute',
    start: { rows: [cart] },
    steps: [
      ...begin,
      hearRows(['+cart@10'], 1n),
      { say: rejecting(1n, [cart], RejectionCode.STORE) },
      { beating: 62_000, beat: agentBeat([]) },
      hearRows(['+cart@10'], 2n),
    ],
  },
  wrongAck('of another nonce', accepting(2n, [cart])),
  wrongAck('of a row that was not sent', accepting(1n, [shop])),
  wrongAck('of another version', accepting(1n, [assignmentAt({ placement: 'cart', seq: 11n })])),
  wrongAck('that leaves a row out', accepting(1n, [])),
  wrongAck('that names a row twice', accepting(1n, [cart, cart])),
  {
    rule: '4.7',
    name: 'a Delta that is not acknowledged within 120 s ends the stream',
    start: { rows: [cart] },
    steps: [
      ...begin,
      hearRows(['+cart@10'], 1n),
      { beating: 121_000, beat: agentBeat([]) },
      ...refusedWith('RETRY', 'RESOURCE_EXHAUSTED'),
    ],
  },
  {
    rule: '5.2',
    name: 'an agent with another digest gets everything wanted once more, then must say Hello again',
    start: { rows: [cart, shop] },
    steps: [
      { say: hello([claimOn(cart), claimOn(shop)]) },
      { hear: 'welcome' },
      { hear: 'agreed' },
      { say: agentBeat([claimOn(cart)]) },
      hearRows(['+cart@10', '+shop@20'], 1n),
      { say: accepting(1n, [cart, shop]) },
      { say: agentBeat([claimOn(cart)]) },
      ...refusedWith('RETRY', 'RESOURCE_EXHAUSTED'),
    ],
  },
];
