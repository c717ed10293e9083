import type { PlacementName } from '@flotilla/shared/base';
import type { ControlAdopted, Release } from '@flotilla/shared/model';
import type { ChangingCaps } from '../budget/index.ts';
import { type FleetSpec, policyDefaults } from '../fleet-spec/index.ts';
import type { ResolvedPlacement } from '../placement/index.ts';
import { type MadeVariants, variantsFor } from '../release/index.ts';
import { capOf } from './amounts.ts';
import { knewWhoHasIt } from './by-facts.ts';
import type { DesiredPlacement, FleetBounds } from './evidence.ts';
import type { RolloutState } from './state.ts';

/** What of Git is in force, and where in the log it came into force. */
export interface Adoption {
  readonly event: ControlAdopted;
  readonly seq: number;
}

/**
 * What is wanted as far as this process knows: nothing while its last look rests on an older adoption than the newest
 * that it has folded, or on a pick or a look at facts that did not know who has the placement. Another hub process may have looked already
 * and planned, or a wave have opened since; what was wanted before would look like Git having taken something back, and
 * objects would go that nobody asked to remove.
 */
export function desiredNow(
  desired: DesiredPlacement,
  adoptedSeq: number,
  state: Pick<RolloutState, 'active' | 'rows'>,
): DesiredPlacement {
  if (desired.kind === 'unresolved') return desired;
  const unresolved = (text: string): DesiredPlacement => ({
    kind: 'unresolved',
    reasons: [{ code: 'Resolving', text, subject: 'hub' }],
  });
  if (desired.adoptedSeq < adoptedSeq)
    return unresolved('this hub process has not looked yet at the commit that came into force last');
  if (desired.kind === 'absent') return desired;
  const { pickedFrom, previous } = desired;
  if (previous !== undefined && !knewWhoHasIt(desired, previous, state)) {
    return unresolved('this hub process has not looked at facts yet since the last clusters began or left');
  }
  if (pickedFrom === undefined) return desired;
  const isKnown = [...state.rows].every(
    ([uid, { target }]) => target.kind !== 'variant' || pickedFrom.has(uid),
  );
  return isKnown
    ? desired
    : unresolved('this hub process has not picked clusters yet since the last ones began');
}

/** What a placement without errors asks for at the release that its source resolved to. `clusters` = size of the fleet. */
export function desiredPlacement(
  spec: FleetSpec,
  input: {
    readonly placement: ResolvedPlacement;
    readonly release: Release;
    readonly adopted: Adoption;
    readonly clusters: number;
    readonly heirs?: readonly PlacementName[] | undefined;
    /** What an earlier look came to. */
    readonly before?: MadeVariants | undefined;
  },
): DesiredPlacement {
  const { placement, release, adopted, before } = input;
  if (placement.strategy === undefined || placement.errors.length > 0) {
    const subject = placement.spec.name;
    const reasons = placement.errors.map(({ code, text }) => ({ code, text, subject }));
    return { kind: 'unresolved', reasons };
  }
  return {
    kind: 'release',
    release,
    ...variantsFor(release, placement.matched, before),
    strategy: placement.strategy,
    pickedFrom: placement.pickedFrom,
    previous: placement.previous,
    kept: placement.kept.size === 0 ? undefined : placement.kept,
    onNewRevision: placement.spec.onNewRevision,
    hold: placement.spec.hold,
    onUnmatch: placement.spec.onUnmatch,
    commit: adopted.event.commit.id,
    adoptedSeq: adopted.seq,
    heirs: input.heirs,
    bounds: boundsOf(spec, { clusters: input.clusters, matched: placement.matched.length }),
  };
}

/**
 * What is asked for a placement that no file in force names: its removal, unless a file in force cannot be read now, for
 * then the placement may stand in it.
 */
export function absentPlacement(
  spec: FleetSpec,
  input: {
    readonly adopted: Adoption;
    readonly clusters: number;
    readonly heirs?: readonly PlacementName[] | undefined;
  },
): DesiredPlacement {
  const [unreadable] = spec.unreadable;
  if (unreadable !== undefined) {
    const text = `no file in force names it, but ${unreadable} cannot be read, so nothing is removed`;
    return { kind: 'unresolved', reasons: [{ code: 'RemovalWaits', text, subject: unreadable }] };
  }
  return {
    kind: 'absent',
    commit: input.adopted.event.commit.id,
    adoptedSeq: input.adopted.seq,
    heirs: input.heirs,
    bounds: boundsOf(spec, { clusters: input.clusters, matched: 0 }),
  };
}

/** Caps on clusters that change at once, for a fleet of so many clusters. */
export function changingCaps(spec: FleetSpec, clusters: number): ChangingCaps {
  const { maxChanging, maxChangingPerCluster } = spec.policies[0] ?? policyDefaults;
  return { max: capOf(maxChanging, clusters), perClusterMax: maxChangingPerCluster };
}

function boundsOf(
  spec: FleetSpec,
  size: { readonly clusters: number; readonly matched: number },
): FleetBounds {
  const policy = spec.policies[0] ?? policyDefaults;
  return {
    withdrawMax: capOf(policy.maxWithdraw, size.clusters),
    joinMax: capOf(policy.autoJoinMax, size.matched),
  };
}
