import { assignmentAt, sha256 } from '../raw/rows.ts';
import type { AgentScript } from './agent-script.ts';
import { begin, hearAck, helloAs, notReady, refused } from './agent-steps.ts';
import { delta, hubBeat, scriptHubId, welcome } from './frames.ts';

const cart = assignmentAt({ placement: 'cart', seq: 10n });

/** How a stream begins, and which one counts. */
export const agentGreetingScripts: readonly AgentScript[] = [
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
];
