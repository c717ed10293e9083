import { Compression, Report } from '@flotilla/proto/status';
import { assignmentAt, claimOn, setDigestOf } from '../raw/rows.ts';
import type { AgentScript } from './agent-script.ts';
import { begin, drain, hearAck, helloAs, refused } from './agent-steps.ts';
import { delta, hubBeat } from './frames.ts';

const cart = assignmentAt({ placement: 'cart', seq: 10n });

/** How a stream lives and ends, from the hub's side. */
export const agentLivingScripts: readonly AgentScript[] = [
  {
    rule: '4.3',
    name: 'Agreed on another set makes the agent say Hello again',
    steps: [
      ...begin,
      { say: { frame: { $case: 'agreed', value: { heldDigest: setDigestOf([claimOn(cart)]) } } } },
      { leaves: true },
      { comes: {} },
      helloAs(1n, 2n),
    ],
  },
  {
    rule: '5.1',
    name: 'the agent says a heartbeat as soon as it got Welcome and has made a report',
    steps: [
      ...begin,
      { agent: { reportSeq: 7 } },
      { beating: 1_000, beat: hubBeat([]) },
      { hear: 'heartbeat', that: ({ reportSeq }) => (reportSeq === 7n ? undefined : 'report 7') },
    ],
  },
  {
    rule: '5.1',
    name: 'the agent says a heartbeat every ten seconds, with its set and newest report',
    steps: [
      ...begin,
      { say: delta(1n, [cart]) },
      hearAck(1n, ['+cart@10']),
      { agent: { reportSeq: 7 } },
      { beating: 23_000, beat: hubBeat([claimOn(cart)]) },
      {
        hear: 'heartbeat',
        that: ({ heldDigest, reportSeq }) =>
          heldDigest.equals(setDigestOf([claimOn(cart)])) && reportSeq === 7n
            ? undefined
            : 'cart and report 7',
      },
      { hear: 'heartbeat' },
    ],
  },
  {
    rule: '5.1',
    name: 'a hub that is silent for 40 s is left',
    steps: [...begin, { silence: 40_500 }, { leaves: true }, { comes: {} }, helloAs(1n, 2n)],
  },
  {
    rule: '5.4',
    name: 'want_report is passed on, and a report goes over the stream in an envelope',
    steps: [
      ...begin,
      { say: hubBeat([], 0n, true) },
      { told: 'want-report' },
      { agent: { sendReport: 9 } },
      {
        hear: 'report',
        that({ compression, body }) {
          if (compression !== Compression.NONE) return 'a small report as it is';
          const report = Report.decode(body);
          return report.format === 1 && report.seq === 9n && report.incarnation === 1n
            ? undefined
            : 'report 1.9';
        },
      },
    ],
  },
  {
    rule: '7.1',
    name: 'a delay that the hub gives is obeyed',
    steps: [
      { hear: 'hello' },
      refused('RETRY', 33_000),
      { leaves: true },
      { comes: { afterMs: 32_500, withinMs: 33_500 } },
    ],
  },
  {
    rule: '7.1',
    name: 'without one the agent backs off by less than a second at first',
    steps: [...begin, { end: true }, { comes: { withinMs: 1_000 } }],
  },
  ...(['VERSION', 'NOT_REGISTERED'] as const).map(
    (code): AgentScript => ({
      rule: '7.2',
      name: `after ${code} the agent seldom tries, tells a person, and keeps what it holds`,
      steps: [
        ...begin,
        { say: delta(1n, [cart]) },
        hearAck(1n, ['+cart@10']),
        refused(code),
        { leaves: true },
        { told: 'alarm HubRefused' },
        { durable: ['+cart@10'] },
        { comes: { afterMs: 29_000, withinMs: 61_000 } },
      ],
    }),
  ),
  {
    rule: '7.4',
    name: 'a drain is followed, and the agent comes back when it was told',
    steps: [...begin, drain(4_000), { leaves: true }, { comes: { afterMs: 3_500, withinMs: 4_500 } }],
  },
  {
    rule: '7.4',
    name: 'a drain waits for the Ack under way',
    steps: [
      ...begin,
      { agent: { diskHangs: true } },
      { say: delta(1n, [cart]) },
      drain(4_000),
      { agent: { diskHangs: false } },
      hearAck(1n, ['+cart@10']),
      { leaves: true },
    ],
  },
];
