import type { PlacementName } from '@flotilla/shared/base';
import type { AdminClient } from '../../real/control-plane/index.ts';
import { type Settings, settingsAfter, settingsBefore } from '../settings.ts';
import { allowObject, callDeadWebhook, denyObject, forgetWebhook, frozen } from './admission.ts';
import type { FaultyProxy, NamespaceFault } from './faulty-proxy.ts';

/** What a fault is brought with. */
export interface TrialParts {
  readonly admin: AdminClient;
  readonly proxy: FaultyProxy;
}

/** An assignment whose requests the API server answers badly. */
export interface Trial {
  readonly placement: PlacementName;
  readonly bring: (parts: TrialParts) => Promise<void>;
  readonly mend: (parts: TrialParts) => Promise<void>;
  /** What the assignment has to say of it. */
  readonly says: { readonly reason: string; readonly words: readonly string[] };
  /** What the cluster holds meanwhile; undefined where the server may have done what it did not answer. */
  readonly liveMeanwhile: Settings | undefined;
}

/** Deadline of a request; what comes later is not heard. */
export const requestMs = 2_000;

/** Longer than the first pause of the backoff, so that it is seen whether it is kept to. */
export const retryAfterS = 8;

const denied = 'changed';

/** One for each kind of bad answer. */
export const trials: readonly Trial[] = [
  answering({ kind: 'throttled', retryAfterS }, { reason: 'ApiThrottled', words: ['told to'] }),
  answering({ kind: 'failing' }, { reason: 'ApiUnavailable', words: ['told to'] }),
  answering(
    { kind: 'late', byMs: 2 * requestMs },
    { reason: 'ApiUnreachable', words: [`no answer within ${requestMs} ms`] },
  ),
  admitting('denied', {
    bring: denyObject,
    mend: allowObject,
    says: { reason: 'ApplyInvalid', words: [denied, frozen] },
    // Everything but the one object; what is to go stays until that is there.
    liveMeanwhile: { ...settingsBefore, ...settingsAfter, [denied]: '1' },
  }),
  admitting('unjudged', {
    bring: callDeadWebhook,
    mend: forgetWebhook,
    says: { reason: 'ApiUnavailable', words: ['failed calling webhook "settings.example.org"'] },
    liveMeanwhile: settingsBefore,
  }),
];

function answering(fault: NamespaceFault, says: Trial['says']): Trial {
  const placement = `api-${fault.kind}` as PlacementName;
  return {
    placement,
    bring: async ({ proxy }) => proxy.misbehave(placement, fault),
    mend: async ({ proxy }) => proxy.misbehave(placement, undefined),
    says,
    liveMeanwhile: fault.kind === 'late' ? undefined : settingsBefore,
  };
}

type Admission = (admin: AdminClient, namespace: string, object: string) => Promise<void>;

function admitting(
  name: string,
  trial: Pick<Trial, 'says' | 'liveMeanwhile'> & { readonly bring: Admission; readonly mend: Admission },
): Trial {
  const placement = `api-${name}` as PlacementName;
  return {
    ...trial,
    placement,
    bring: ({ admin }) => trial.bring(admin, placement, denied),
    mend: ({ admin }) => trial.mend(admin, placement, denied),
  };
}
