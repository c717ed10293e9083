import { createHash } from 'node:crypto';
import type { StoredDecision } from '@flotilla/hub/ports';
import type { PlacementDecision } from '@flotilla/shared/model';
import type { MemoryDecisionLog } from '../fakes/index.ts';
import type { Trace } from './trace.ts';
import { must } from './violation.ts';
import type { Placed } from './wish.ts';

/** A message of the log as anybody could read it. */
export type RawEvent = StoredDecision;

/** Somebody who judges each message at the moment it is stored. */
export type Hearing = (event: RawEvent) => void;

/** The whole log, read beside the hubs. */
export class RawLog {
  readonly events: RawEvent[] = [];
  /** How often the log lost its end. */
  losses = 0;
  readonly #ids = new Set<string>();
  readonly #trace: Trace;
  readonly #hear: Hearing;

  constructor(trace: Trace, hear: Hearing) {
    this.#trace = trace;
    this.#hear = hear;
  }

  /** The log whose every message is heard the moment it is stored, before anybody's fold. */
  heard(log: MemoryDecisionLog, broke: (error: unknown) => void): MemoryDecisionLog {
    const take = <Answer>(answer: Answer): Answer => {
      try {
        while (this.events.length < log.size) this.#take(log.at(this.events.length + 1));
      } catch (error) {
        // The log's own answer is not for us to change.
        broke(error);
      }
      return answer;
    };
    const heard: Pick<MemoryDecisionLog, 'append' | 'appendAll'> = {
      append: (subject, event, signal) => take(log.append(subject, event, signal)),
      appendAll: (entries, signal) => take(log.appendAll(entries, signal)),
    };
    // Everything else is asked of the log itself, which is the prototype.
    return Object.assign(Object.create(log), heard) as MemoryDecisionLog;
  }

  #take(one: RawEvent): void {
    const { event, hash, seq, subject } = one;
    this.events.push(one);
    this.#trace.add(`log ${seq} ${subject.slice('flotilla.decisions.'.length)} ${hash.slice(0, 12)}`, () =>
      describe(one),
    );
    const text = () => `event ${event.id} stands in the log twice, the second time at ${seq}`;
    must(!this.#ids.has(event.id), 'J6', text);
    this.#ids.add(event.id);
    this.#hear(one);
  }

  /** The log lost everything behind a sequence. */
  shorten(lastSeq: number): void {
    this.losses += 1;
    for (const { event } of this.events.splice(lastSeq)) this.#ids.delete(event.id);
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
function describe({ event, storedAtMs }: RawEvent): string {
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
  const text = JSON.stringify(said).replaceAll(/u{10,}/g, '');
  return `${kind} by ${who} at ${storedAtMs % 10_000_000} ${text}`;
}
