import type { ActionRefusal, PlanRequest } from '@flotilla/hub/api-port';
import { type Digest, err, type GitId, ok, type PlacementName, type Result } from '@flotilla/shared/base';
import type { PlanPreview } from '@flotilla/shared/model';
import { unknownRevision } from './fake-refusals.ts';
import { fleetCommit } from './items.ts';

/** A fake hub has the branches main and smaller, and every commit. */
export async function fakePlan({ commit, ref }: PlanRequest): Promise<Result<PlanPreview, ActionRefusal>> {
  const isKnown = ref === undefined || ref === 'main' || ref === 'smaller';
  return isKnown ? ok(planOf(commit ?? fleetCommit.id)) : err(unknownRevision(ref));
}

/** What a hub would say of a commit of the fake fleet: one cluster gets other content of checkout. */
function planOf(commit: GitId): PlanPreview {
  const nobody = { count: 0, names: [] };
  const one = { count: 1, names: ['eu-1'] };
  return {
    id: 'e'.repeat(64) as Digest,
    before: { commit: fleetCommit, treeId: 'a'.repeat(40) as GitId },
    after: {
      commit: { ...fleetCommit, id: commit, subject: 'checkout v2.5.0' },
      treeId: 'b'.repeat(40) as GitId,
    },
    placements: [
      {
        placement: 'checkout' as PlacementName,
        definedAt: 'placements/checkout.yaml:1',
        change: 'changed',
        added: nobody,
        removed: nobody,
        changed: one,
        unchanged: 3,
        blocked: [],
        unresolved: [],
        variants: [
          {
            before: '1'.repeat(64) as Digest,
            after: '2'.repeat(64) as Digest,
            clusters: one,
            parts: ['content'],
            files: [
              {
                path: 'apps/checkout/api.yaml',
                before: 'c'.repeat(40) as GitId,
                after: 'd'.repeat(40) as GitId,
              },
            ],
            moreFiles: 0,
          },
        ],
        rollouts: [
          {
            kind: 'update',
            strategy: 'default',
            clusters: 1,
            waves: [{ stage: 'canary', clusters: one, isAway: false, soakMs: 600_000 }],
            windows: [],
            duration: { atLeastMs: 600_000, atMostMs: 1_200_000 },
          },
        ],
        approvals: [],
        waits: [],
      },
    ],
    unchanged: 2,
    errors: [],
    approvals: [],
    conflicts: [],
    assumptions: [],
  };
}
