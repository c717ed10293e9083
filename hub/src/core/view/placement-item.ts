import type { PlacementName } from '@flotilla/shared/base';
import { parsePlacementName } from '@flotilla/shared/base';
import type { Reasoned, Release } from '@flotilla/shared/model';
import { formatLocated, formatPlace, type LocatedError, sourceKeyOf } from '../fleet-spec/index.ts';
import { emptyRolloutState, type RolloutState } from '../rollout/index.ts';
import { assignmentItems } from './assignment-item.ts';
import { failureGroups } from './failure-groups.ts';
import {
  type AssignmentItem,
  apiVersion,
  type PlacementItem,
  type ReleaseSummary,
  type StoppedRelease,
} from './items.ts';
import { overlapOf } from './overlap.ts';
import { rolloutSummary } from './rollout-item.ts';
import { compareSeverity, countStates } from './shown-state.ts';
import type { FleetSnapshot, KnownPlacement } from './snapshot.ts';

/**
 * One placement; undefined when it is neither in force nor has rows that still matter, and no mistake speaks of it.
 * Of the newest look at Git it shows the mistakes in its file or about its document, and what its source waits for.
 */
export function placementItem(
  fleet: FleetSnapshot,
  name: PlacementName,
  outlook: GitOutlook,
): PlacementItem | undefined {
  const { errors: mistakes, held } = outlook;
  const found = fleet.placements.get(name);
  const about = mistakesAbout(mistakes, { name, file: found?.spec?.at.file });
  if (!found) return about.length === 0 ? undefined : unknownItem(name, about);
  const known = { ...found, errors: unique([...found.errors, ...about]) };
  const assignments = assignmentItems(fleet, { placement: name });
  const isOver = known.spec === undefined && assignments.length === 0 && known.state.held === undefined;
  return isOver && known.errors.length === 0 && known.state.withdraw === undefined
    ? undefined
    : itemOf(known, assignments, { sources: heldSources(known, held), overlap: overlapOf(fleet, known) });
}

/** What the newest look at Git said that is not in force. */
export interface GitOutlook {
  readonly errors: readonly LocatedError[];
  readonly held: readonly Reasoned[];
}

/** What is said of a placement that is not its own. */
interface Around {
  readonly sources: readonly Reasoned[];
  /** Another placement of the same content. */
  readonly overlap: Reasoned | undefined;
}

function itemOf(
  known: KnownPlacement,
  assignments: readonly AssignmentItem[],
  { overlap, sources }: Around,
): PlacementItem {
  const { desired, errors, spec, state } = known;
  const release = desired.kind === 'release' ? desired.release : releaseOfRows(known);
  const running = state.active ?? state.withdraw;
  const [worst] = [...assignments].sort((a, b) => compareSeverity(a.status.state, b.status.state));
  return {
    apiVersion,
    kind: 'Placement',
    metadata: { name: state.placement },
    spec: {
      definedAt: spec && `${spec.at.file}:${spec.at.line}`,
      repo: spec?.source.repo?.name ?? 'control',
      ref: release?.recipe.base.content.ref ?? spec?.source.ref ?? '',
      path: spec?.source.path ?? '',
      strategy: desired.kind === 'release' ? desired.strategy.name : (running?.plan.strategy.name ?? ''),
    },
    status: {
      // Nothing runs anywhere yet, or any more: that is not green.
      state: errors.length > 0 ? 'Stalled' : (worst?.status.state ?? 'Pending'),
      reason: reasonOf(known, worst) ?? sources[0] ?? overlap,
      counts: countStates(assignments.map((item) => item.status.state)),
      targets: assignments.filter((item) => !item.spec.isRemoval).length,
      release: release && summaryOf(release),
      stable: state.stable && summaryOf(state.stable),
      rollout: running && rolloutSummary(running, known),
      errors,
      held: [...heldOf(known), ...sources],
      failures: failureGroups(assignments),
      stopped: stoppedOf(state),
      skipped: state.skipped.size,
      lastSeq: state.lastSeq,
    },
  };
}

function stoppedOf({ aborted, rejected }: RolloutState): readonly StoppedRelease[] {
  const found: StoppedRelease[] = [];
  for (const [kind, one] of [['rejected', rejected] as const, ['aborted', aborted] as const]) {
    if (one === undefined) continue;
    const { by, rollout, sinceMs, text } = one;
    found.push({ kind, rollout, by, text, sinceMs });
  }
  return found;
}

/** Names of placements that only mistakes speak of: their documents never came into force. Sorted. */
export function brokenPlacements(
  fleet: FleetSnapshot,
  mistakes: readonly LocatedError[],
): readonly PlacementName[] {
  const names = new Set<PlacementName>();
  for (const { document } of mistakes) {
    if (document?.kind !== 'Placement') continue;
    const name = parsePlacementName(document.name);
    if (name.ok && !fleet.placements.has(name.value)) names.add(name.value);
  }
  return [...names].sort();
}

function mistakesAbout(
  mistakes: readonly LocatedError[],
  of: { readonly name: PlacementName; readonly file: string | undefined },
): readonly LocatedError[] {
  return mistakes.filter(({ document, file }) =>
    document === undefined ? file === of.file : document.kind === 'Placement' && document.name === of.name,
  );
}

function unique(errors: readonly LocatedError[]): readonly LocatedError[] {
  return [...new Map(errors.map((error) => [formatLocated(error), error])).values()];
}

/** A placement that never came into force. */
function unknownItem(name: PlacementName, errors: readonly LocatedError[]): PlacementItem {
  const desired = { kind: 'unresolved', reasons: [] } as const;
  const state = emptyRolloutState(name);
  return itemOf({ spec: undefined, state, desired, errors, notes: [] }, [], {
    sources: [],
    overlap: undefined,
  });
}

/** What rows stand for while the rule itself cannot be resolved. */
function releaseOfRows(known: KnownPlacement): Release | undefined {
  return known.state.active?.plan.release ?? known.state.stable;
}

function summaryOf(release: Release): ReleaseSummary {
  return { digest: release.digest, commit: release.commit };
}

function reasonOf(known: KnownPlacement, worst: AssignmentItem | undefined): Reasoned | undefined {
  const subject = known.state.placement;
  const [error] = known.errors;
  if (error) {
    return { code: error.code, text: `${formatPlace(error)} ${error.text}`, subject };
  }
  const halted = [known.state.active, known.state.withdraw].find((one) => one?.status.kind === 'halted');
  if (halted?.status.kind === 'halted') {
    return { code: 'Halted', text: `rollout ${halted.id} is halted: ${halted.status.text}`, subject };
  }
  const held = heldOf(known)[0];
  if (held) return held;
  if (known.desired.kind === 'release' && known.desired.targets.size === 0 && worst === undefined) {
    return { code: 'NoCluster', text: 'its selector matches no registered cluster', subject };
  }
  return known.notes[0] ?? worst?.status.reason;
}

/** What keeps a newer commit of its source from coming into force: it cannot be read, or waits for a person. */
function heldSources({ spec }: KnownPlacement, held: readonly Reasoned[]): readonly Reasoned[] {
  const key = spec && sourceKeyOf(spec);
  if (spec === undefined || key === undefined) return [];
  const name = spec.source.repo?.name;
  return held.filter(({ subject }) => subject === key || subject === name);
}

function heldOf(known: KnownPlacement): readonly Reasoned[] {
  const { held, placement } = known.state;
  return held === undefined ? [] : [{ code: 'WithdrawHeld', text: held.text, subject: placement }];
}
