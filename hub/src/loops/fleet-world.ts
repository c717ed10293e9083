import type { ClusterUid, HubId } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { OnceHeard } from '../core/index.ts';
import type { DecisionLog, Signer, StatusStream } from '../ports.ts';
import type { Fleet } from './fleet.ts';
import type { SessionEvidence, SessionWorld } from './session-world.ts';
import type { SignedRows } from './signed-rows.ts';

/** What sessions see of this process is made from these. */
export interface FleetWorldDeps {
  readonly fleet: Fleet;
  readonly rows: SignedRows;
  readonly decisions: DecisionLog;
  readonly status: StatusStream;
  readonly signer: Pick<Signer, 'macRow'>;
  readonly hubId: HubId;
  readonly hubVersion: string;
  readonly encodeReport: (report: Parameters<SessionWorld['publishReport']>[1]) => Uint8Array;
  /** An agent's proven claims say that the log lost decisions; the highest epoch that they name. */
  readonly onLogLost?: (loss: { readonly text: string; readonly claimed: number }) => void;
  /** An agent showed what it holds. */
  readonly onClaims?: () => void;
  readonly onImpaired: (isImpaired: boolean) => void;
  readonly wallMs: () => number;
  readonly log: Logger;
}

/** The hub process as its sessions see it: rows out of the fold, evidence and presence into it. */
export function fleetWorld(deps: FleetWorldDeps): SessionWorld {
  const { fleet, rows } = deps;
  return {
    hubId: deps.hubId,
    hubVersion: deps.hubVersion,
    readiness: () =>
      fleet.isReady
        ? { kind: 'ready' }
        : { kind: 'not-ready', reason: 'the hub is still reading its log and registrations' },
    epoch: () => Math.max(1, fleet.position.epoch),
    foldedSeq: () => fleet.position.foldedSeq,
    isLogged: (seq, eventHash) => fleet.isLogged(seq, eventHash),
    readLogEnd: async (signal) => (await deps.decisions.bounds(signal)).lastSeq,
    desiredRows: (cluster) => rows.of(cluster),
    cluster(uid) {
      const known = fleet.snapshot.clusters.get(uid)?.cluster;
      return known && { name: known.name, labels: known.labels };
    },
    clusters: () => fleet.registered.keys(),
    foldedReport: (uid) => fleet.snapshot.clusters.get(uid)?.view.report,
    onceHeard: () => onceHeard(fleet),
    rejections: (uid) => [...(fleet.snapshot.clusters.get(uid)?.view.rejected.values() ?? [])],
    publishReport: (uid, report, signal) => deps.status.publish(uid, deps.encodeReport(report), signal),
    macRow: (input) => deps.signer.macRow(input),
    onChange(listener) {
      const removals = [
        fleet.onRows.add((uids) => listener(uids)),
        fleet.onReady.add(() => listener(undefined)),
        fleet.onEpoch.add(() => listener(undefined)),
        fleet.onClusters.add((changed) => {
          if (changed !== undefined && !fleet.registered.has(changed.uid)) rows.forget(changed.uid);
          listener(changed && [changed.uid]);
        }),
      ];
      return () => removals.forEach((remove) => void remove());
    },
    onEvidence(uid, evidence) {
      if (evidence.kind === 'rejected') fleet.foldRejections(uid, evidence.rows);
      if (evidence.kind === 'alarm' && evidence.code === 'LogLost')
        deps.onLogLost?.({ text: evidence.text, claimed: evidence.epoch ?? 0 });
      if (evidence.kind === 'hello') deps.onClaims?.();
      say(deps.log, uid, evidence);
    },
    onPresence: (uid, seen) => fleet.foldPresence(uid, seen, deps.wallMs()),
    onHubHealth: (health) => deps.onImpaired(health.isImpaired),
  };
}

function onceHeard(fleet: Fleet): readonly OnceHeard[] {
  return [...fleet.registered.keys()].flatMap((uid) => {
    const reportedAtMs = fleet.snapshot.clusters.get(uid)?.view.reportStoredAtMs ?? 0;
    return reportedAtMs > 0 || fleet.hasRows(uid) ? [{ uid, reportedAtMs }] : [];
  });
}

function say(log: Logger, uid: string, evidence: SessionEvidence): void {
  if (evidence.kind === 'held') {
    for (const { placement, version } of evidence.rows)
      log.debug('row held', { cluster_uid: uid, placement, seq: version.seq });
  }
  if (evidence.kind === 'alarm')
    log.warn('alarm', { cluster_uid: uid, code: evidence.code, reason: evidence.text });
  if (evidence.kind === 'rejected' && !evidence.isHearsay) {
    for (const row of evidence.rows) {
      log.warn('row refused', {
        cluster_uid: uid,
        placement: row.placement,
        code: row.code,
        reason: row.text,
      });
    }
  }
}
