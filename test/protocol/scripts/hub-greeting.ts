import { RefusalCode } from '@flotilla/proto/assignment';
import { assignmentAt, claimOn, removalAt, setDigestOf } from '../raw/rows.ts';
import { agentBeat, hello, rowsIn } from './frames.ts';
import type { HubScript, HubStep, HubValue } from './hub-script.ts';

/** Refused with this code, the stream ends with this status. */
export function refusedWith(code: keyof typeof RefusalCode, endStatus: string, on = 'a'): readonly HubStep[] {
  return [
    { on, hear: 'refused', that: (value) => isCode(value, code) },
    { on, ends: endStatus },
  ];
}

function isCode(value: HubValue<'refused'>, code: keyof typeof RefusalCode): string | undefined {
  return value.code === RefusalCode[code] ? undefined : `${code}, but it was ${value.code}: ${value.text}`;
}

const cart = assignmentAt({ placement: 'cart', seq: 10n });
const shop = assignmentAt({ placement: 'shop', seq: 20n });

/** How a stream begins. */
export const hubGreetingScripts: readonly HubScript[] = [
  {
    rule: '2.1',
    name: 'a frame before Hello is refused',
    steps: [{ say: agentBeat([]) }, ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT')],
  },
  {
    rule: '2.1',
    name: 'a second Hello is refused',
    steps: [
      { say: hello() },
      { hear: 'welcome' },
      { hear: 'agreed' },
      { say: hello([], { session: 2n }) },
      ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT'),
    ],
  },
  {
    rule: '2.1',
    name: 'no Hello within 10 s is refused',
    steps: [{ silence: 10_500 }, ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT')],
  },
  {
    rule: '2.2',
    name: 'a Hello with a wrong digest is refused',
    steps: [
      { say: hello([claimOn(cart)], { heldDigest: setDigestOf([]) }) },
      ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT'),
    ],
  },
  {
    rule: '2.2',
    name: 'a Hello that holds a placement twice is refused',
    steps: [
      { say: hello([claimOn(cart), claimOn(assignmentAt({ placement: 'cart', seq: 11n }))]) },
      ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT'),
    ],
  },
  {
    rule: '2.2',
    name: 'a removed claim with a variant is refused',
    steps: [
      { say: hello([{ ...claimOn(cart), removed: true }]) },
      ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT'),
    ],
  },
  {
    rule: '2.3',
    name: 'no common version is refused with both sides named',
    steps: [
      { say: hello([], { protocolVersions: [9, 8] }) },
      {
        hear: 'refused',
        that: ({ code, text }) =>
          code === RefusalCode.VERSION && /1.*9, 8/.test(text)
            ? undefined
            : `VERSION with both, but: ${text}`,
      },
      { ends: 'FAILED_PRECONDITION' },
    ],
  },
  {
    rule: '2.3',
    name: 'a newer agent that also speaks version 1 is taken',
    steps: [
      { say: hello([], { protocolVersions: [2, 1] }) },
      { hear: 'welcome', that: ({ protocolVersion }) => (protocolVersion === 1 ? undefined : 'version 1') },
    ],
  },
  {
    rule: '2.4',
    name: 'an agent that holds what is wanted gets Welcome, then Agreed on its own digest',
    start: { rows: [cart, removalAt({ placement: 'old', seq: 5n })] },
    steps: [
      { say: hello([claimOn(cart), claimOn(removalAt({ placement: 'old', seq: 5n }))]) },
      {
        hear: 'welcome',
        that: ({ clusterName, epoch, incarnation, clusterLabels }) =>
          clusterName === 'eu-1' && epoch === 1n && incarnation === 1n && clusterLabels['region'] === 'eu'
            ? undefined
            : 'name, labels, epoch and incarnation',
      },
      {
        hear: 'agreed',
        that: ({ heldDigest }) =>
          heldDigest.equals(setDigestOf([claimOn(cart), claimOn(removalAt({ placement: 'old', seq: 5n }))]))
            ? undefined
            : 'the digest of the held set',
      },
    ],
  },
  {
    rule: '2.6',
    name: 'a process that cannot speak repeats NotReady, sends no row, and goes on when it can',
    start: { ready: false, rows: [cart] },
    steps: [
      { say: hello() },
      { hear: 'notReady', that: ({ retryAfterMs }) => (retryAfterMs > 0 ? undefined : 'a delay') },
      { beating: 12_000, beat: agentBeat([]) },
      { hear: 'notReady' },
      { hub: { ready: true } },
      { hear: 'welcome' },
      {
        hear: 'delta',
        that: (value) => (rowsIn(value).join() === '+cart@10' ? undefined : rowsIn(value).join()),
      },
    ],
  },
  {
    rule: '2.6',
    name: 'a process that falls silent in the middle speaks again with Agreed though nothing changed',
    start: { rows: [cart] },
    steps: [
      { say: hello([claimOn(cart)]) },
      { hear: 'welcome' },
      { hear: 'agreed' },
      { hub: { ready: false } },
      { hear: 'notReady' },
      { hub: { ready: true } },
      { hear: 'agreed' },
    ],
  },
  {
    rule: '2.8',
    name: 'bytes that are no frame are refused',
    steps: [
      { sayBytes: Uint8Array.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]) },
      ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT'),
    ],
  },
  {
    rule: '2.8',
    name: 'a malformed field is refused with its path',
    steps: [
      { say: hello([{ ...claimOn(cart), mac: Buffer.alloc(5) }]) },
      {
        hear: 'refused',
        that: ({ text }) => (text.includes('hello.held[0].mac') ? undefined : `the path, but: ${text}`),
      },
      { ends: 'INVALID_ARGUMENT' },
    ],
  },
  {
    rule: '2.8',
    name: 'a frame larger than 1 MiB is refused',
    steps: [
      { say: hello([], { agentVersion: 'x'.repeat(1_100_000) }) },
      ...refusedWith('PROTOCOL', 'INVALID_ARGUMENT'),
    ],
  },
  {
    rule: '11.1',
    name: 'a frame of a newer kind is ignored',
    steps: [
      { sayBytes: Uint8Array.from([0x9a, 0x06, 0x02, 0x08, 0x01]) },
      { say: hello() },
      { hear: 'welcome' },
    ],
  },
  {
    rule: '12.1',
    name: 'a cluster that is not registered is refused',
    start: { registered: false },
    steps: [{ say: hello() }, ...refusedWith('NOT_REGISTERED', 'PERMISSION_DENIED')],
  },
  {
    rule: '12.1',
    name: 'a cluster that is removed while it is connected is refused',
    steps: [
      { say: hello() },
      { hear: 'welcome' },
      { hear: 'agreed' },
      { hub: { registered: false } },
      ...refusedWith('NOT_REGISTERED', 'PERMISSION_DENIED'),
    ],
  },
  {
    rule: '4.8',
    name: 'a row that nobody wants is left alone',
    start: { rows: [cart] },
    steps: [
      { say: hello([claimOn(cart), claimOn(shop)]) },
      { hear: 'welcome' },
      { hear: 'agreed' },
      { told: 'alarm RowUnknown' },
    ],
  },
];
