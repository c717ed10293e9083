import { RefusalCode } from '@flotilla/proto/assignment';
import { Compression, Report } from '@flotilla/proto/status';
import { assignmentAt, claimOn, setDigestOf, sha256 } from '../raw/rows.ts';
import { begin, hearAck } from './agent-rows.ts';
import type { AgentScript, AgentStep } from './agent-script.ts';
import { delta, hubBeat, scriptHubId, welcome } from './frames.ts';

const cart = assignmentAt({ placement: 'cart', seq: 10n });

function refused(code: keyof typeof RefusalCode, retryAfterMs = 0): AgentStep {
  return {
    say: { frame: { $case: 'refused', value: { code: RefusalCode[code], text: 'because', retryAfterMs } } },
  };
}

function notReady(retryAfterMs: number): AgentStep {
  return { say: { frame: { $case: 'notReady', value: { retryAfterMs, reason: 'loading' } } } };
}

function drain(reconnectAfterMs: number): AgentStep {
  return { say: { frame: { $case: 'drain', value: { reconnectAfterMs, reason: 'age' } } } };
}

/** The Hello of the next stream. */
function helloAs(incarnation: bigint, session: bigint): AgentStep {
  return {
    hear: 'hello',
    that: (value) =>
      value.incarnation === incarnation && value.session === session
        ? undefined
        : `${incarnation}.${session}, but it was ${value.incarnation}.${value.session}`,
  };
}

/** How a stream lives and ends, from the hub's side. */
export const agentLivingScripts: readonly AgentScript[] = [
  {
    rule: '2.1',
    name: 'the first frame is Hello with everything that PROTOCOL.md asks for',
    steps: [
      {
        hear: 'hello',
        that(value) {
          if (!value.protocolVersions.includes(1)) return 'protocol version 1';
          if (value.incarnation !== 1n || value.session !== 1n) return '1.1';
          if (value.hubId !== scriptHubId) return 'the hub that enrolled it';
          return value.heldDigest.equals(sha256('')) && value.held.length === 0 ? undefined : 'the empty set';
        },
      },
    ],
  },
  {
    rule: '2.4',
    name: 'a Delta before Welcome ends the stream',
    steps: [{ hear: 'hello' }, { say: delta(1n, [cart]) }, { leaves: true }, { durable: [] }],
  },
  {
    rule: '2.4',
    name: 'a second Welcome ends the stream',
    steps: [...begin, { say: welcome() }, { leaves: true }],
  },
  {
    rule: '2.5',
    name: 'a hub that did not enrol this agent is left, and nothing is taken from it',
    steps: [
      { hear: 'hello' },
      { say: welcome({ hubId: 'otherhubotherhubother234aa' }) },
      { leaves: true },
      { told: 'alarm WrongHub' },
      { comes: { afterMs: 29_000, withinMs: 61_000 } },
    ],
  },
  {
    rule: '2.6',
    name: 'NotReady keeps the agent for as long as it says, and no longer',
    steps: [
      { hear: 'hello' },
      notReady(20_000),
      { silence: 15_000 },
      notReady(20_000),
      { silence: 15_000 },
      { say: welcome() },
      { say: { frame: { $case: 'agreed', value: { heldDigest: sha256('') } } } },
      { silence: 15_000 },
      notReady(20_000),
      { silence: 20_500 },
      { leaves: true },
    ],
  },
  {
    rule: '2.7',
    name: 'heartbeats without Welcome do not hold the agent',
    steps: [{ hear: 'hello' }, { beating: 40_500, beat: hubBeat([]) }, { leaves: true }],
  },
  {
    rule: '2.8',
    name: 'bytes that are no frame end the stream',
    steps: [
      { hear: 'hello' },
      { sayBytes: Uint8Array.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]) },
      { leaves: true },
      { comes: {} },
    ],
  },
  {
    rule: '11.1',
    name: 'a frame of a newer kind is ignored',
    steps: [
      ...begin,
      { sayBytes: Uint8Array.from([0x9a, 0x06, 0x02, 0x08, 0x01]) },
      { say: delta(1n, [cart]) },
      hearAck(1n, ['+cart@10']),
    ],
  },
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
    rule: '6.3',
    name: 'FENCED after Welcome makes the agent a newer incarnation',
    steps: [
      { hear: 'hello' },
      { say: welcome({ incarnation: 1n }) },
      refused('FENCED'),
      { leaves: true },
      { comes: {} },
      helloAs(2n, 1n),
    ],
  },
  {
    rule: '6.3',
    name: 'a Welcome above its own incarnation makes the agent newer still',
    steps: [
      { hear: 'hello' },
      { say: welcome({ incarnation: 7n }) },
      { leaves: true },
      { comes: {} },
      helloAs(8n, 1n),
      { agent: { restart: true } },
      { comes: {} },
      helloAs(8n, 2n),
    ],
  },
  {
    rule: '6.3',
    name: 'FENCED without Welcome keeps the counters and stays away',
    steps: [
      { hear: 'hello' },
      refused('FENCED'),
      { leaves: true },
      { told: 'alarm HubRefused' },
      { comes: { afterMs: 29_000, withinMs: 61_000 } },
      helloAs(1n, 2n),
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
