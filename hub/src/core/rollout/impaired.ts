import type { Reasoned, RolloutKind } from '@flotilla/shared/model';
import { type Waiting, wait } from './decide.ts';
import type { RolloutEvidence } from './evidence.ts';
import type { RolloutMoment } from './moment.ts';

/** What ends it may be no news of any cluster of the placement, so it is looked at again after so long. */
export const impairedLookMs = 5_000;

/**
 * To wait while the hub does not trust what it sees (PROTOCOL 5.7); undefined = it does. Where most of a fleet vanished at once,
 * those who are left prove little of a release, and a plan or a wave would pass over those who are gone. A rollback repairs, and goes on.
 */
export function untilWell(
  { hubHealthySinceMs }: Pick<RolloutEvidence, 'hubHealthySinceMs'>,
  about: { readonly kind: RolloutKind; readonly subject: string },
  nowMs: number,
): Waiting | undefined {
  if (hubHealthySinceMs !== undefined || about.kind === 'rollback') return undefined;
  return wait(
    [{ code: 'HubImpaired', text: impairedText, subject: about.subject } satisfies Reasoned],
    nowMs + impairedLookMs,
  );
}

/** The same for what is next of a rollout. */
export function rolloutUntilWell({
  evidence,
  nowMs,
  rollout: { id, plan },
}: RolloutMoment): Waiting | undefined {
  return untilWell(evidence, { kind: plan.rolloutKind, subject: id }, nowMs);
}

const impairedText =
  'nothing begins while the hub is impaired: it has just started, its bus was away, or many clusters vanished for it at once; it goes on by itself when most of them are back, or count as lost after 15 minutes';
