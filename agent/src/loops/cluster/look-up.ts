import type { ObjectRef } from '@flotilla/shared/model';
import { groupKindKey, objectKey } from '@flotilla/shared/model';
import {
  judgeObject,
  type KindTable,
  type LiveObject,
  type LiveSight,
  observeObject,
} from '../../core/index.ts';
import type { KubePort } from '../../kube-port.ts';
import type { ApiSlots } from './api-slots.ts';
import { kubeFailure } from './kube-failure.ts';

/** More objects of one kind than this are cheaper to find in one list of metadata. */
const getsMax = 8;

interface Question {
  readonly ref: ObjectRef;
  readonly answer: (sight: LiveSight) => void;
}

/** What a look-up is made from. */
export interface LookUpOptions {
  readonly kube: KubePort;
  readonly slots: ApiSlots;
  readonly kinds: () => KindTable;
}

/**
 * Finds out whether objects exist that no watch shows. Gathers questions: while one batch of a kind is on its way, the
 * next one collects. A hundred assignments that start at once then cost a handful of lists instead of hundreds of reads.
 */
export class LookUp {
  readonly #options: LookUpOptions;
  /** Ends all reading: a batch serves several callers, so no single one may end it. */
  readonly #signal: AbortSignal;
  readonly #waiting = new Map<string, Question[]>();
  readonly #busy = new Set<string>();

  constructor(options: LookUpOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** One sight for each reference, by key. Rejects only on abort: what cannot be read is `unreadable`. */
  async look(refs: readonly ObjectRef[], signal: AbortSignal): Promise<ReadonlyMap<string, LiveSight>> {
    const sights = await Promise.all(
      refs.map(async (ref) => [objectKey(ref), await this.#ask(ref)] as const),
    );
    signal.throwIfAborted();
    return new Map(sights);
  }

  #ask(ref: ObjectRef): Promise<LiveSight> {
    const batch = `${groupKindKey(ref)}@${ref.version}`;
    const { promise, resolve } = Promise.withResolvers<LiveSight>();
    const questions = this.#waiting.get(batch) ?? [];
    questions.push({ ref, answer: resolve });
    this.#waiting.set(batch, questions);
    if (!this.#busy.has(batch)) {
      this.#busy.add(batch);
      // After this turn, so that the questions of one caller go together.
      queueMicrotask(() => void this.#serve(batch));
    }
    return promise;
  }

  async #serve(batch: string): Promise<void> {
    for (let questions = this.#take(batch); questions.length > 0; questions = this.#take(batch)) {
      const byKey = Map.groupBy(questions, ({ ref }) => objectKey(ref));
      const isAnswered = byKey.size > getsMax && (await this.#answerByList(questions));
      if (!isAnswered) await Promise.all([...byKey.values()].map((same) => this.#answerByGet(same)));
    }
    this.#busy.delete(batch);
  }

  #take(batch: string): readonly Question[] {
    const questions = this.#waiting.get(batch) ?? [];
    this.#waiting.delete(batch);
    return questions;
  }

  /** One read for all who ask about the same object, as a hundred assignments do about their namespace. */
  async #answerByGet(questions: readonly Question[]): Promise<void> {
    const [first] = questions;
    if (first === undefined) return;
    const sight = await this.#get(first.ref);
    for (const { answer } of questions) answer(sight);
  }

  async #get(ref: ObjectRef): Promise<LiveSight> {
    const { kube, slots } = this.#options;
    try {
      const object = await slots.run(() => kube.get(ref, this.#signal), this.#signal);
      return object === undefined ? { kind: 'absent' } : this.#sightOf(observeObject(object));
    } catch (error) {
      return unreadable(error, ref);
    }
  }

  /** False when listing is not allowed or fails: then each is read by itself. */
  async #answerByList(questions: readonly Question[]): Promise<boolean> {
    const [first] = questions;
    if (first === undefined) return true;
    const { kube, slots } = this.#options;
    const isOneNamespace = questions.every(({ ref }) => ref.namespace === first.ref.namespace);
    const namespace = isOneNamespace ? first.ref.namespace : undefined;
    const selection = {
      kind: first.ref,
      metadataOnly: true,
      ...(namespace === undefined ? {} : { namespace }),
    };
    const list = await slots
      .run(() => kube.list(selection, this.#signal), this.#signal)
      .catch(() => undefined);
    if (list === undefined) return false;
    const wanted = new Set(questions.map(({ ref }) => objectKey(ref)));
    const found = new Map<string, LiveObject>();
    for (const object of list.items) {
      const live = observeObject(object);
      if (wanted.has(live.key)) found.set(live.key, live);
    }
    for (const { ref, answer } of questions) {
      const live = found.get(objectKey(ref));
      answer(live === undefined ? { kind: 'absent' } : this.#sightOf(live));
    }
    return true;
  }

  #sightOf(live: LiveObject): LiveSight {
    return sightOf(live, this.#options.kinds());
  }
}

/** An object that is there, judged as if it was first seen now. */
export function sightOf(live: LiveObject, kinds: KindTable): LiveSight {
  const hasStatus = kinds.preferred(live.ref)?.hasStatus ?? false;
  const health = judgeObject(live.body, hasStatus, 0).status;
  return { kind: 'present', object: live, health, deletingSinceMs: undefined };
}

function unreadable(error: unknown, ref: ObjectRef): LiveSight {
  const failure = kubeFailure(error, { verb: 'Read', ref });
  return { kind: 'unreadable', reason: failure.reason, isFinal: failure.severity === 'final' };
}
