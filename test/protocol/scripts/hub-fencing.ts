import { assignmentAt, claimOn, sha256 } from '../raw/rows.ts';
import { agentBeat, hello } from './frames.ts';
import { hearRows } from './hub-deltas.ts';
import { refusedWith } from './hub-greeting.ts';
import type { HubScript, HubStep } from './hub-script.ts';

const cart = assignmentAt({ placement: 'cart', seq: 10n });
const invented = assignmentAt({ placement: 'cart', seq: 9_999n }, { mac: sha256('invented') });

function taken(on: string, incarnation: bigint, session: bigint): readonly HubStep[] {
  return [
    { on, say: hello([], { incarnation, session }) },
    { on, hear: 'welcome' },
    { on, hear: 'agreed' },
  ];
}

function forked(name: string, claim: typeof cart): HubScript {
  return {
    rule: '6.4',
    name: `a proven claim ${name} proves a lost log: no row is sent to anybody`,
    start: { rows: [cart] },
    steps: [
      { on: 'b', say: hello([claimOn(claim)]) },
      { on: 'b', hear: 'notReady' },
      { told: 'alarm LogLost' },
    ],
  };
}

/** Which stream and which rows count. */
export const hubFencingScripts: readonly HubScript[] = [
  {
    rule: '6.2',
    name: 'a newer session of the same incarnation replaces the older stream',
    steps: [...taken('a', 3n, 1n), ...taken('b', 3n, 2n), ...refusedWith('REPLACED', 'ABORTED', 'a')],
  },
  {
    rule: '6.2',
    name: 'a newer incarnation replaces the older stream, whatever its session',
    steps: [...taken('a', 3n, 90n), ...taken('b', 4n, 1n), ...refusedWith('REPLACED', 'ABORTED', 'a')],
  },
  {
    rule: '6.3',
    name: 'an older incarnation is only turned away while the newer stream lives',
    steps: [
      ...taken('a', 3n, 1n),
      { on: 'b', say: hello([], { incarnation: 2n, session: 50n }) },
      ...refusedWith('FENCED', 'ABORTED', 'b'),
    ],
  },
  {
    rule: '6.3',
    name: 'the same session again is turned away',
    steps: [
      ...taken('a', 3n, 7n),
      { on: 'b', say: hello([], { incarnation: 3n, session: 7n }) },
      ...refusedWith('FENCED', 'ABORTED', 'b'),
    ],
  },
  {
    rule: '6.3',
    name: 'when no stream lives, Welcome tells the newest incarnation before the refusal',
    steps: [
      ...taken('a', 3n, 1n),
      { leave: true },
      { on: 'b', say: hello([], { incarnation: 1n }) },
      {
        on: 'b',
        hear: 'welcome',
        that: ({ incarnation }) => (incarnation === 3n ? undefined : 'incarnation 3'),
      },
      ...refusedWith('FENCED', 'ABORTED', 'b'),
    ],
  },
  {
    rule: '6.3',
    name: 'an incarnation older than a folded report is told and turned away',
    start: { report: { incarnation: 6, seq: 1 } },
    steps: [
      { say: hello([], { incarnation: 2n }) },
      { hear: 'welcome', that: ({ incarnation }) => (incarnation === 6n ? undefined : 'incarnation 6') },
      ...refusedWith('FENCED', 'ABORTED'),
    ],
  },
  {
    rule: '6.4',
    name: 'a claim without a valid MAC neither freezes nor rewinds: the row is sent',
    start: { rows: [cart] },
    steps: [
      { say: hello([claimOn(invented)]) },
      { hear: 'welcome' },
      hearRows(['+cart@10'], 1n),
      { told: 'alarm ClaimsUnproven' },
    ],
  },
  {
    rule: '6.4',
    name: 'a process that has not folded a proven row is NotReady until it has',
    start: { rows: [], folded: 5, logEnd: 10 },
    steps: [
      { say: hello([claimOn(cart)]) },
      { hear: 'notReady' },
      { hub: { folded: 10, rows: [cart] } },
      { hear: 'welcome' },
      { hear: 'agreed' },
    ],
  },
  {
    rule: '6.4',
    name: 'a proven row beyond the end of the log proves that it was shortened',
    start: { rows: [], folded: 5, logEnd: 5 },
    steps: [
      { say: hello([claimOn(cart)]) },
      { hear: 'notReady' },
      { told: 'alarm LogLost' },
      { beating: 12_000, beat: agentBeat([claimOn(cart)]) },
      { hear: 'notReady' },
    ],
  },
  {
    rule: '6.5',
    name: 'a hub whose log is lost sends nothing any more, also not to agents that hold nothing',
    start: { rows: [cart] },
    steps: [
      { say: hello([claimOn(assignmentAt({ placement: 'cart', seq: 50n }))]) },
      { hear: 'notReady' },
      { told: 'alarm LogLost' },
      { on: 'b', say: hello([], { session: 2n }) },
      { on: 'b', hear: 'notReady' },
      { on: 'b', beating: 12_000, beat: agentBeat([]) },
      { on: 'b', hear: 'notReady' },
    ],
  },
  forked(
    'from another decision at its version',
    assignmentAt({ placement: 'cart', seq: 10n, decision: 'forked' }),
  ),
  forked('that the log went past without', assignmentAt({ placement: 'cart', seq: 50n })),
  forked('of a newer epoch', assignmentAt({ placement: 'cart', seq: 50n, epoch: 2n })),
];
