import type { Clock } from '@flotilla/shared/base';
import { programVersion } from '@flotilla/shared/kit';
import type { HubFacts, Reasoned } from '@flotilla/shared/model';
import type { HubConfig } from '../config.ts';
import type { Epoch } from '../core/index.ts';
import { epochNote } from '../loops/index.ts';
import type { HubLoops } from './loops.ts';
import type { HubBus } from './open-bus.ts';

/** What the facts are taken from. */
export interface FactsOf {
  readonly bus: HubBus;
  readonly loops: HubLoops;
  readonly config: HubConfig;
  readonly hubId: string;
  readonly clock: Clock;
  readonly startedAtMs: number;
}

/** Whether this process can do its work now, each condition with its text. */
export function readiness({ bus, loops }: Pick<FactsOf, 'bus' | 'loops'>) {
  const { isLogFolded, isRegistryRead } = loops.fleet.position;
  return [
    { name: 'bus', isOk: bus.isConnected(), text: bus.describe() },
    { name: 'log', isOk: isLogFolded, text: isLogFolded ? 'read' : 'still being read' },
    { name: 'registrations', isOk: isRegistryRead, text: isRegistryRead ? 'read' : 'still being read' },
  ];
}

/**
 * Why this process cannot show the fleet at all: it has not read log or registrations yet. A bus that went later is told
 * as such; what was read before is still shown, with its age.
 */
export function whyNotReady(
  conditions: readonly { readonly name: string; readonly isOk: boolean; readonly text: string }[],
): readonly Reasoned[] {
  return conditions
    .filter(({ name, isOk }) => !isOk && name !== 'bus')
    .map(({ name, text }) => ({ code: 'NotReady', text: `${name}: ${text}`, subject: name }));
}

/** A raise of the epoch waits for a person as a rewritten history does. */
function epochHeld({ unconfirmed }: Epoch): readonly Reasoned[] {
  return unconfirmed === undefined ? [] : [epochNote(unconfirmed.text)];
}

/** What the hub tells of itself, its bus and its control repository, read anew at each call. */
export function hubFacts(of: FactsOf): () => HubFacts {
  const { bus, clock, config, hubId, loops, startedAtMs } = of;
  let connection = { isConnected: bus.isConnected(), sinceMs: startedAtMs };
  bus.onConnection((isConnected) => {
    if (isConnected !== connection.isConnected) connection = { isConnected, sinceMs: clock.wallMs() };
  });
  return () => {
    const { control, outlook, position } = loops.fleet;
    return {
      hub: {
        version: programVersion,
        hubId,
        epoch: position.epoch,
        decisionSeq: position.foldedSeq,
        startedAtMs,
        notReady: whyNotReady(readiness(of)),
      },
      bus: { ...connection, text: bus.describe() },
      control: {
        url: config.controlUrl,
        ref: config.controlRef,
        commit: control.adopted?.commit,
        errors: outlook.errors,
        held: [...epochHeld(loops.fleet.epoch), ...outlook.held],
        failure: outlook.failure,
        readAtMs: outlook.readAtMs,
      },
    };
  };
}
