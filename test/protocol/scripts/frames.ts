import type {
  Ack,
  AgentFrame,
  Assignment,
  Delta,
  Hello,
  HubFrame,
  Removal,
  RowClaim,
  Welcome,
} from '@flotilla/proto/assignment';
import { setDigestOf } from '../raw/rows.ts';

/** Any row on the wire. */
export type WireRow = Assignment | Removal;

/** A Hello that holds these claims. */
export function hello(held: readonly RowClaim[] = [], change: Partial<Hello> = {}): AgentFrame {
  const value: Hello = {
    protocolVersions: [1],
    agentVersion: '0.9.0',
    incarnation: 1n,
    session: 1n,
    hubId: '',
    epoch: 0n,
    held,
    heldDigest: setDigestOf(held),
    kubeSystemUid: '',
    capabilities: [],
    ...change,
  };
  return { frame: { $case: 'hello', value } };
}

/** An Ack that accepts these rows. */
export function accepting(nonce: bigint, rows: readonly WireRow[]): AgentFrame {
  const accepted = rows.map(({ placement, version }) => ({ placement, version }));
  return { frame: { $case: 'ack', value: { nonce, accepted, rejected: [] } } };
}

/** An Ack that rejects these rows. */
export function rejecting(
  nonce: bigint,
  rows: readonly WireRow[],
  code: Ack['rejected'][number]['code'],
): AgentFrame {
  const rejected = rows.map(({ placement, version }) => ({ placement, version, code, text: 'because' }));
  return { frame: { $case: 'ack', value: { nonce, accepted: [], rejected } } };
}

/** An agent's heartbeat. */
export function agentBeat(held: readonly RowClaim[], reportSeq = 0n): AgentFrame {
  return { frame: { $case: 'heartbeat', value: { heldDigest: setDigestOf(held), reportSeq } } };
}

/** A Welcome of the scripts' hub. */
export function welcome(change: Partial<Welcome> = {}): HubFrame {
  const value: Welcome = {
    protocolVersion: 1,
    hubId: scriptHubId,
    epoch: 1n,
    incarnation: 1n,
    clusterName: 'eu-1',
    hubVersion: '0.9.0',
    clusterLabels: { region: 'eu' },
    capabilities: [],
    reconnectCapMs: 0,
    ...change,
  };
  return { frame: { $case: 'welcome', value } };
}

/** A Delta with these rows. */
export function delta(nonce: bigint, rows: readonly WireRow[], complete = true): HubFrame {
  const upserts = rows.filter((row): row is Assignment => 'content' in row);
  const removals = rows.filter((row): row is Removal => !('content' in row));
  return { frame: { $case: 'delta', value: { nonce, upserts, removals, complete } } };
}

/** A hub's heartbeat. */
export function hubBeat(held: readonly RowClaim[], reportSeq = 0n, wantReport = false): HubFrame {
  return {
    frame: { $case: 'heartbeat', value: { desiredDigest: setDigestOf(held), reportSeq, wantReport } },
  };
}

/** The hub that enrolled the scripts' agent. */
export const scriptHubId = 'scripthubscripthub234567aa';

/** The placements of a Delta with their sequences, sorted, so that scripts can name them. */
export function rowsIn(value: Delta): readonly string[] {
  return [
    ...value.upserts.map((row) => `+${row.placement}@${row.version?.seq}`),
    ...value.removals.map((row) => `-${row.placement}@${row.version?.seq}`),
  ].sort();
}
