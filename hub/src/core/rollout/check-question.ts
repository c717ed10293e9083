import { type PlacementName, stableJson } from '@flotilla/shared/base';
import type { DueCheck } from './gate.ts';
import { countPhases } from './phases.ts';

/** What a webhook check is sent, as JSON text; hub/README.md has it field by field. Equal for equal state. */
export function checkQuestion(placement: PlacementName, { rollout, name, check, key }: DueCheck): string {
  const { release } = rollout.plan;
  const { author, committedAtS, id, subject } = release?.commit ?? {};
  return stableJson({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'CheckQuestion',
    question: key,
    check: check.name,
    placement,
    rollout: rollout.id,
    rolloutKind: rollout.plan.rolloutKind,
    stage: name,
    release: release?.digest ?? null,
    commit: id === undefined ? null : { id, author, subject, committedAtS },
    clusters: { ...countPhases(rollout) },
  });
}
