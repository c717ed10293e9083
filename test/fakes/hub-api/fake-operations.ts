import type { ActionRefusal, RolloutRequest } from '@flotilla/hub/api-port';
import { problemCodes, type RolloutItem, type RolloutOperated } from '@flotilla/shared/model';
import { fleetNowMs } from './items.ts';

/** Texts of the core, for one state each. */
export const operatedTexts: { readonly [verb in RolloutOperated['verb']]: string } = {
  pause: 'is paused: what was started goes on, no further wave opens',
  resume: 'goes on',
  approve: 'goes on after stage canary',
  promote:
    'goes on as soon as the clusters of wave 2 of 2 are Ready, without waiting for the rest of its soak',
  urgent:
    'is urgent: windows that exempt urgent do not hold it, and it soaks a fifth as long, its canary first',
  abort: 'is aborted: who has its release keeps it, nobody else gets it',
  undo: 'is undone: every cluster goes back to the stable release',
  retry: 'is tried again',
  skip: 'goes on without the cluster; it gets the release by retry, or with the next one',
  'approve-prune': 'may delete exactly the 2 objects of list 0123456789ab on eu-1',
};

export function operatedItem(
  newestFirst: readonly RolloutItem[],
  { target }: RolloutRequest,
): RolloutItem | undefined {
  const isMeant = ({ metadata, spec }: RolloutItem) =>
    target.kind === 'rollout' ? metadata.name === target.name : spec.placement === target.name;
  return newestFirst.find(isMeant);
}

/** What of the rollout's status an operation changes. */
export function afterwards(
  { status }: RolloutItem,
  { operation, by }: RolloutRequest,
): Partial<RolloutItem['status']> {
  const person = { kind: 'person', name: by.actor, reason: by.reason } as const;
  const isHalted = status.state === 'Halted';
  switch (operation.verb) {
    case 'pause':
      return { isPaused: true };
    case 'resume':
    case 'retry':
      return { isPaused: false, ...(isHalted && { state: 'Progressing', reason: undefined }) };
    case 'urgent':
      return { isUrgent: true };
    case 'abort':
      return { state: 'Cancelled', endedAtMs: fleetNowMs, by: person };
    case 'undo':
      return status.state === 'Superseded' ? {} : { state: 'Superseded', endedAtMs: fleetNowMs, by: person };
    default:
      return {};
  }
}

export function unknownTarget({ target }: RolloutRequest): ActionRefusal {
  const code = target.kind === 'placement' ? problemCodes.placementUnknown : problemCodes.rolloutUnknown;
  return { kind: 'not-found', code, text: `there is no ${target.kind} ${JSON.stringify(target.name)}` };
}

export function movedOn({ operation, expectedSeq }: RolloutRequest, item: RolloutItem): ActionRefusal {
  return {
    kind: 'conflict',
    code: problemCodes.sequenceOld,
    text: `cannot ${operation.verb} ${item.metadata.name}: it is not as you saw it any more`,
    cause: `expected sequence ${expectedSeq}, the decisions of ${item.spec.placement} are at ${item.status.lastSeq}`,
    next: `flotilla rollout status ${item.spec.placement}`,
  };
}

export function notRunning({ operation, target }: RolloutRequest, item: RolloutItem): ActionRefusal {
  return {
    kind: 'conflict',
    code: problemCodes.rolloutNotRunning,
    text: `cannot ${operation.verb} ${target.kind} ${target.name}`,
    cause: `no rollout of ${item.spec.placement} runs`,
    stillTrue: 'nothing was decided',
    next: `flotilla rollout status ${item.spec.placement}`,
  };
}
