import { type Ack, type Assignment, RejectionCode, type Removal } from '@flotilla/proto/assignment';
import { assignmentAt, claimOn, macOf, removalAt, setDigestOf, sha256 } from '../raw/rows.ts';
import type { AgentScript, AgentStep } from './agent-script.ts';
import { delta, welcome } from './frames.ts';

const cart = assignmentAt({ placement: 'cart', seq: 10n });
const shop = assignmentAt({ placement: 'shop', seq: 20n });

/** A stream that the hub has accepted. */
export const begin: readonly AgentStep[] = [{ hear: 'hello' }, { say: welcome() }];

/** An Ack with exactly these entries: `+name@seq` accepted, `CODE name@seq` rejected. */
export function hearAck(nonce: bigint, entries: readonly string[], text?: RegExp): AgentStep {
  return {
    hear: 'ack',
    that(value) {
      if (value.nonce !== nonce) return `nonce ${nonce}, but it was ${value.nonce}`;
      if (entriesOf(value).join() !== [...entries].sort().join())
        return `${entries.join()}, but: ${entriesOf(value).join()}`;
      const texts = value.rejected.map((row) => row.text).join(' | ');
      return text === undefined || text.test(texts) ? undefined : `a text like ${text}, but: ${texts}`;
    },
  };
}

function entriesOf(ack: Ack): readonly string[] {
  const names = Object.entries(RejectionCode);
  return [
    ...ack.accepted.map((row) => `+${row.placement}@${row.version?.seq}`),
    ...ack.rejected.map((row) => {
      const code = names.find(([, value]) => value === row.code)?.[0];
      return `${code} ${row.placement}@${row.version?.seq}`;
    }),
  ].sort();
}

/** What is wrong with a row, and what the agent must answer. */
interface Refusal {
  readonly rule: string;
  readonly name: string;
  readonly row: Assignment | Removal;
  readonly code: string;
  readonly text: RegExp;
}

/** Only this row is refused; the one beside it is taken. */
function refusing({ rule, name, row, code, text }: Refusal): AgentScript {
  return {
    rule,
    name,
    steps: [
      ...begin,
      { say: delta(1n, [row, shop]) },
      hearAck(1n, [`${code} ${row.placement}@${row.version?.seq}`, '+shop@20'], text),
      { durable: ['+shop@20'] },
    ],
  };
}

const { content, render, apply, health } = cart;
function changed(change: Partial<Assignment>): Assignment {
  return assignmentAt({ placement: 'odd', seq: 15n }, change);
}

/** Rows and their judgement. */
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
      { beating: 12_000, beat: welcomeBeat() },
      {
        hear: 'heartbeat',
        that: ({ heldDigest }) => (heldDigest.equals(setDigestOf([])) ? undefined : 'nothing held'),
      },
      { agent: { diskHangs: false } },
      hearAck(1n, ['+cart@10']),
    ],
  },
  refusing({
    rule: '4.5',
    name: 'content that is not what its digest says is INVALID',
    row: changed({ variantDigest: sha256('lie') }),
    code: 'INVALID',
    text: /^variant_digest/,
  }),
  refusing({
    rule: '4.5',
    name: 'a malformed field is INVALID with its path',
    row: changed({ content: { ...content!, commit: 'main' } }),
    code: 'INVALID',
    text: /^content\.commit/,
  }),
  refusing({
    rule: '3.7',
    name: 'a row without content is INVALID',
    row: { ...changed({}), content: undefined },
    code: 'INVALID',
    text: /^content/,
  }),
  refusing({
    rule: '3.7',
    name: 'a path that climbs is INVALID',
    row: changed({ content: { ...content!, trees: [{ path: '../x', treeId: 'a'.repeat(40) }] } }),
    code: 'INVALID',
    text: /trees\[0\]\.path/,
  }),
  refusing({
    rule: '3.7',
    name: 'a row without a mode is INVALID',
    row: changed({ mode: 0 }),
    code: 'INVALID',
    text: /^mode/,
  }),
  refusing({
    rule: '11.2',
    name: 'an enum value of a newer hub is UNSUPPORTED',
    row: { ...changed({}), render: { ...render!, renderer: 9 as never } },
    code: 'UNSUPPORTED',
    text: /^render\.renderer/,
  }),
  refusing({
    rule: '11.3',
    name: 'Helm is UNSUPPORTED',
    row: changed({ render: { ...render!, renderer: 3 } }),
    code: 'UNSUPPORTED',
    text: /^render\.renderer/,
  }),
  refusing({
    rule: '11.3',
    name: 'required signers are UNSUPPORTED',
    row: changed({ content: { ...content!, requiredSigners: ['ada'] } }),
    code: 'UNSUPPORTED',
    text: /^content\.required_signers/,
  }),
  refusing({
    rule: '11.3',
    name: 'an SSH repository is UNSUPPORTED',
    row: changed({ content: { ...content!, repositoryUrl: 'ssh://git@example.org/a' } }),
    code: 'UNSUPPORTED',
    text: /^content\.repository_url/,
  }),
  refusing({
    rule: '11.3',
    name: 'confirm is UNSUPPORTED',
    row: changed({ apply: { ...apply!, confirmMs: 5_000n } }),
    code: 'UNSUPPORTED',
    text: /^apply\.confirm_ms/,
  }),
  refusing({
    rule: '11.3',
    name: 'take-over from another placement is UNSUPPORTED',
    row: changed({ apply: { ...apply!, takeOverFrom: 'old' } }),
    code: 'UNSUPPORTED',
    text: /^apply\.take_over_from/,
  }),
  refusing({
    rule: '11.3',
    name: 'a CEL check is UNSUPPORTED',
    row: changed({ health: { ...health!, checks: [{ target: undefined, cel: 'true' }] } }),
    code: 'UNSUPPORTED',
    text: /^health\.checks/,
  }),
  refusing({
    rule: '3.4',
    name: 'a removal without a cause is CAUSE_MISSING',
    row: removalAt({ placement: 'old', seq: 12n }, { cause: undefined }),
    code: 'CAUSE_MISSING',
    text: /^cause/,
  }),
  refusing({
    rule: '3.4',
    name: 'a removal without a mode is CAUSE_MISSING',
    row: removalAt({ placement: 'old', seq: 12n }, { mode: 0 }),
    code: 'CAUSE_MISSING',
    text: /^mode/,
  }),
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

function welcomeBeat() {
  return {
    frame: {
      $case: 'heartbeat' as const,
      value: { desiredDigest: setDigestOf([]), reportSeq: 0n, wantReport: false },
    },
  };
}
