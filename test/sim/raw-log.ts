import { createHash } from 'node:crypto';
import { decodeInlineDecision, encodeDecision } from '@flotilla/hub/io/decision-log';
import type { StoredDecision } from '@flotilla/hub/ports';
import type { Clock } from '@flotilla/shared/base';
import type { PlacementDecision } from '@flotilla/shared/model';
import type { MemoryDecisionLog } from '../fakes/index.ts';
import type { Trace } from './trace.ts';
import { must } from './violation.ts';
import type { Placed } from './wish.ts';

/** A message of the log as anybody could read it. */
export type RawEvent = StoredDecision;

interface Entry {
  readonly subject: string;
  readonly event: RawEvent['event'];
}

/** Somebody who judges each message at the moment it is stored. */
export type Hearing = (event: RawEvent) => void;

/** The whole log, read beside the hubs. */
export class RawLog {
  readonly events: RawEvent[] = [];
  readonly #ids = new Set<string>();
  readonly #trace: Trace;
  readonly #hear: Hearing;

  constructor(trace: Trace, hear: Hearing) {
    this.#trace = trace;
    this.#hear = hear;
  }

  /** The log whose every message is heard the moment it is stored, before anybody's fold. */
  heard(
    log: MemoryDecisionLog,
    clock: Pick<Clock, 'wallMs'>,
    broke: (error: unknown) => void,
  ): MemoryDecisionLog {
    const take = (entries: readonly Entry[], before: number): void => {
      if (log.size === before) return;
      for (const [index, { event, subject }] of entries.entries()) {
        try {
          this.#take(subject, before + index + 1, { event, storedAtMs: clock.wallMs() });
        } catch (error) {
          // The log's own answer is not for us to change.
          broke(error);
        }
      }
    };
    const heard: Pick<MemoryDecisionLog, 'append' | 'appendAll'> = {
      append(subject, event, signal) {
        const before = log.size;
        const answer = log.append(subject, event, signal);
        take([{ subject, event }], before);
        return answer;
      },
      appendAll(entries, signal) {
        const before = log.size;
        const answer = log.appendAll(entries, signal);
        take(entries, before);
        return answer;
      },
    };
    return Object.defineProperties(
      Object.create(log),
      Object.getOwnPropertyDescriptors(heard),
    ) as MemoryDecisionLog;
  }

  #take(subject: string, seq: number, { event, storedAtMs }: Pick<RawEvent, 'event' | 'storedAtMs'>): void {
    const data = encodeDecision(event);
    const one: RawEvent = decodeInlineDecision({ subject, seq, storedAtMs, data, header: () => undefined });
    this.events.push(one);
    this.#trace.add(describe(one));
    must(
      !this.#ids.has(event.id),
      'J6',
      () => `event ${event.id} stands in the log twice, the second time at ${seq}`,
    );
    this.#ids.add(event.id);
    this.#hear(one);
  }

  /** Last sequence of a subject; 0 = none. */
  lastSeq(subject: string): number {
    return this.events.findLast((one) => one.subject === subject)?.seq ?? 0;
  }
}

/** Subject of one placement's decisions. */
export function placementSubject(name: Placed): string {
  return `${placementPrefix}${name}`;
}

/** The decision, when it is one of a placement. */
export function placementDecision({ event, subject }: RawEvent): PlacementDecision | undefined {
  // Only decisions of placements are on these subjects.
  return subject.startsWith(placementPrefix) ? (event.payload as PlacementDecision) : undefined;
}

/** The placement that a message is about. */
export function placementOf({ subject }: RawEvent): string {
  return subject.slice(placementPrefix.length);
}

/** Digest of a text, shortened: for traces. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const placementPrefix = 'flotilla.decisions.p.';
function describe({ event, seq, storedAtMs, subject }: RawEvent): string {
  const { actor, payload } = event;
  const who = actor.kind === 'hub' ? actor.process : actor.name;
  const { kind, ...rest } = payload;
  const said: Record<string, unknown> = { ...rest };
  for (const [key, value] of Object.entries(said)) {
    const text = JSON.stringify(value) ?? '';
    if (text.length > 400) said[key] = `#${shortHash(text)}`;
  }
  if (payload.kind === 'rollout-planned')
    said['waves'] = payload.waves.map(
      (one) =>
        `${one.stage}${one.isAway ? ' away' : ''}: ${one.clusters.map((uid) => uid.replace(/u+$/, '')).join(' ')}`,
    );
  const at = subject.slice('flotilla.decisions.'.length);
  return `log ${seq} ${at} by ${who} at ${storedAtMs % 10_000_000} ${kind} ${JSON.stringify(said).replaceAll(/u{10,}/g, '')}`;
}
