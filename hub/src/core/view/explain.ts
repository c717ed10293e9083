import { type PlacementName, shortId } from '@flotilla/shared/base';
import type {
  ExplainedRow,
  ExplainedVariant,
  Explanation,
  HeldPrune,
  Reasoned,
  ShownState,
} from '@flotilla/shared/model';
import { compareVersions, formatVersion } from '@flotilla/shared/model';
import { excludedBy } from '../placement/index.ts';
import type { PlacementRow } from '../rollout/index.ts';
import { freshnessOf } from './assignment-item.ts';
import { shownState } from './shown-state.ts';
import type { KnownCluster, KnownPlacement } from './snapshot.ts';

/**
 * Why a placement is on a cluster as it is, or is not: what the rule says, what is wanted, what is there, and exactly one
 * reason for the difference, the first of these that holds: the rule does not take the cluster, or would not but for a
 * person's word, its state says why, the
 * placement as a whole waits (rollout design, "Explain").
 */
export function explain(placement: KnownPlacement, cluster: KnownCluster): Explanation {
  const { desired, resolved, spec, state } = placement;
  const { uid, name } = cluster.cluster;
  const exclusions = resolved === undefined ? [] : (excludedBy(resolved, cluster.cluster)?.reasons ?? []);
  // A rule that left Git takes nobody, and that is known; one that was not looked at yet is not.
  const isGone = spec === undefined && desired.kind === 'absent';
  const row = state.rows.get(uid);
  const wanted = wantedOn(placement, cluster);
  const shown = shownState(placement, cluster);
  const reason =
    exclusions[0] ??
    (isGone ? gone(placement) : undefined) ??
    doubtOf(placement, cluster, true) ??
    shown?.reason ??
    doubtOf(placement, cluster, false) ??
    standing(placement, { row, wanted });
  return {
    cluster: name,
    placement: state.placement,
    definedAt: spec && `${spec.at.file}:${spec.at.line}`,
    isSelected: isGone ? false : resolved && exclusions.length === 0,
    exclusions,
    wanted,
    has: row && rowOf(row),
    state: shown?.state,
    freshness: freshnessOf(cluster.view),
    reason,
    next: nextOf({
      placement: state.placement,
      cluster: name,
      state: shown?.state,
      reason,
      held: heldOn(cluster, state.placement, row),
    }),
  };
}

function wantedOn({ desired }: KnownPlacement, { cluster }: KnownCluster): ExplainedVariant | undefined {
  const digest = desired.kind === 'release' ? desired.targets.get(cluster.uid) : undefined;
  return desired.kind === 'release' && digest !== undefined
    ? { commit: desired.release.commit, variantDigest: digest }
    : undefined;
}

/** What waits for a person there, as far as exactly this row is spoken of. */
function heldOn(
  { view }: KnownCluster,
  placement: PlacementName,
  row: PlacementRow | undefined,
): HeldPrune | undefined {
  const entry = view.byPlacement.get(placement);
  if (entry === undefined || row === undefined) return undefined;
  return compareVersions(entry.version, row.version) === 0 ? entry.heldPrune : undefined;
}

function rowOf({ issuedAtMs, rollout, target, version }: PlacementRow): ExplainedRow {
  const variant = target.kind === 'variant' ? target.variant : undefined;
  return {
    version: formatVersion(version),
    rollout,
    isRemoval: target.kind === 'removal',
    issuedAtMs,
    commit: variant?.content.commit,
    variantDigest: variant?.digest,
  };
}

/** Facts alone would take the placement from the cluster: a person is asked first, or nobody knows at the moment. */
function doubtOf(
  { desired }: KnownPlacement,
  { cluster }: KnownCluster,
  asks: boolean,
): Reasoned | undefined {
  const kept = desired.kind === 'release' ? desired.kept?.get(cluster.uid) : undefined;
  if (desired.kind !== 'release' || kept?.asks !== asks) return undefined;
  const { code, subject, text } = kept.why;
  const keeps = asks
    ? `it keeps the placement until a person agrees: flotilla source accept control ${desired.commit}`
    : 'it keeps the placement meanwhile';
  return { code: asks ? 'FactsSayNo' : code, subject, text: `${text}; ${keeps}` };
}

function gone({ state }: KnownPlacement): Reasoned {
  return { code: 'NoRule', text: 'no file in force has this placement', subject: state.placement };
}

/** Why a cluster that is well has something else than what Git asks for: what the placement as a whole waits for. */
function standing(
  { desired, notes, state }: KnownPlacement,
  about: { readonly row: PlacementRow | undefined; readonly wanted: ExplainedVariant | undefined },
): Reasoned | undefined {
  if (desired.kind === 'unresolved') return desired.reasons[0];
  const { row, wanted } = about;
  const has = row?.target.kind === 'variant' ? row.target.variant.digest : undefined;
  if (wanted === undefined || has === wanted.variantDigest) return undefined;
  const nothing = { code: 'NotPlanned', text: 'no rollout has started for it yet', subject: state.placement };
  return notes[0] ?? nothing;
}

/** Commands that end a wait, by the code of its reason; NAME stands for the placement. */
const endings: { readonly [code: string]: string } = {
  NeedsApproval: 'flotilla rollout approve NAME',
  Paused: 'flotilla rollout resume NAME',
  Halted: 'flotilla rollout status NAME',
  Rejected: 'flotilla rollout retry NAME',
  Aborted: 'flotilla rollout retry NAME',
  WaitingForWave: 'flotilla rollout status NAME',
  WaitsForCheck: 'flotilla rollout status NAME',
  WithdrawHeld: 'flotilla describe placement NAME',
  FactsSayNo: 'flotilla describe placement NAME',
};

function nextOf(about: {
  readonly placement: string;
  readonly cluster: string;
  readonly state: ShownState | undefined;
  readonly reason: Reasoned | undefined;
  readonly held: HeldPrune | undefined;
}): string {
  if (about.held !== undefined)
    return `flotilla rollout approve-prune ${about.placement} --cluster ${about.cluster} --hash ${shortId(about.held.listHash)}`;
  const ending = endings[about.reason?.code ?? ''];
  if (ending !== undefined) return ending.replace('NAME', about.placement);
  if (about.state === 'Unknown') return `flotilla describe cluster ${about.cluster}`;
  return about.state === undefined
    ? `flotilla describe placement ${about.placement}`
    : `flotilla describe assignment ${about.cluster}/${about.placement}`;
}
