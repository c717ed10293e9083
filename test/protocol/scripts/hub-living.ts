import { Buffer } from 'node:buffer';
import { RefusalCode } from '@flotilla/proto/assignment';
import { Compression, Report, type StatusEnvelope } from '@flotilla/proto/status';
import { assignmentAt, claimOn, setDigestOf } from '../raw/rows.ts';
import { agentBeat, hello } from './frames.ts';
import { refusedWith } from './hub-greeting.ts';
import type { HubScript, HubStep } from './hub-script.ts';

const begin: readonly HubStep[] = [{ say: hello() }, { hear: 'welcome' }, { hear: 'agreed' }];
const cart = assignmentAt({ placement: 'cart', seq: 10n });

function reportOf(
  incarnation: bigint,
  seq: bigint,
): { readonly $case: 'report'; readonly value: StatusEnvelope } {
  const report: Report = {
    format: 1,
    incarnation,
    seq,
    heldDigest: setDigestOf([]),
    assignments: [],
    facts: undefined,
    madeAtMs: 1_790_000_000_000n,
    trimmed: [],
  };
  const body = Buffer.from(Report.encode(report).finish());
  return { $case: 'report', value: { compression: Compression.NONE, body } };
}

/** How a stream lives and ends. */
export const hubLivingScripts: readonly HubScript[] = [
  {
    rule: '5.1',
    name: 'the hub says a heartbeat every ten seconds',
    steps: [
      ...begin,
      { beating: 33_500, beat: agentBeat([]) },
      { hear: 'heartbeat' },
      { hear: 'heartbeat' },
      { hear: 'heartbeat' },
    ],
  },
  {
    rule: '5.1',
    name: 'an agent that is silent for 40 s is closed',
    steps: [...begin, { silence: 40_500 }, { ends: 'OK' }],
  },
  {
    rule: '5.4',
    name: 'a report that the bus owes is asked for after 2 s, until it is folded',
    start: { report: { incarnation: 1, seq: 4 } },
    steps: [
      ...begin,
      { beating: 2_500, beat: agentBeat([], 5n) },
      {
        hear: 'heartbeat',
        that: ({ reportSeq, wantReport }) =>
          reportSeq === 4n && wantReport ? undefined : 'report 4, want_report',
      },
      { beating: 12_000, beat: agentBeat([], 5n) },
      { hear: 'heartbeat', that: ({ wantReport }) => (wantReport ? undefined : 'want_report') },
      { hub: { report: { incarnation: 1, seq: 5 } } },
      { beating: 12_000, beat: agentBeat([], 5n) },
      {
        hear: 'heartbeat',
        that: ({ reportSeq, wantReport }) =>
          reportSeq === 5n && !wantReport ? undefined : 'report 5, no wish',
      },
    ],
  },
  {
    rule: '5.5',
    name: 'a report over the stream is published',
    steps: [...begin, { say: { frame: reportOf(1n, 8n) } }, { told: 'report 1.8' }],
  },
  {
    rule: '5.5',
    name: 'a report of another incarnation ends the stream',
    steps: [...begin, { say: { frame: reportOf(2n, 8n) } }, ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT')],
  },
  {
    rule: '10.2',
    name: 'a compression bomb ends the stream',
    steps: [
      ...begin,
      {
        say: {
          frame: {
            $case: 'report',
            value: { compression: Compression.GZIP, body: Buffer.from('not gzip at all') },
          },
        },
      },
      ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT'),
    ],
  },
  {
    rule: '7.3',
    name: 'a stream over the rate is turned away with a slot of its own',
    streamsPerSecond: 1,
    steps: [
      ...begin,
      { on: 'b', say: hello([], { session: 2n }) },
      {
        on: 'b',
        hear: 'refused',
        that: ({ code, retryAfterMs }) =>
          code === RefusalCode.RETRY && retryAfterMs >= 1_000 ? undefined : 'RETRY with a delay',
      },
      { on: 'b', ends: 'RESOURCE_EXHAUSTED' },
    ],
  },
  {
    rule: '7.4',
    name: 'a stream of half an hour is drained and closed',
    steps: [
      ...begin,
      { beating: 1_981_000, beat: agentBeat([]) },
      { hear: 'drain', that: ({ reconnectAfterMs }) => (reconnectAfterMs <= 5_000 ? undefined : 'soon') },
      { silence: 10_500 },
      { ends: 'OK' },
    ],
  },
  {
    rule: '7.4',
    name: 'a process that stops drains its streams and still takes the Ack in flight',
    start: { rows: [cart] },
    steps: [
      { say: hello() },
      { hear: 'welcome' },
      { hear: 'delta' },
      { hub: { stop: true } },
      { hear: 'drain' },
      {
        say: {
          frame: {
            $case: 'ack',
            value: { nonce: 1n, accepted: [{ placement: 'cart', version: cart.version }], rejected: [] },
          },
        },
      },
      { ends: 'OK' },
      { told: `held ${claimOn(cart).placement}@1.10` },
    ],
  },
];
