import type { Assignment, Removal } from '@flotilla/proto/assignment';
import { assignmentAt, removalAt, sha256 } from '../raw/rows.ts';
import type { AgentScript } from './agent-script.ts';
import { begin, hearAck } from './agent-steps.ts';
import { delta } from './frames.ts';

const cart = assignmentAt({ placement: 'cart', seq: 10n });
const shop = assignmentAt({ placement: 'shop', seq: 20n });

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

/** Rows that an agent refuses, each beside one that it takes. */
export const agentRefusalScripts: readonly AgentScript[] = [
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
];
