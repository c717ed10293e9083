import { limits, type Result } from '@flotilla/shared/base';
import { type CelProgram, PreparedData } from '@flotilla/shared/base/cel';
import type { Cluster, ClusterFacts } from '@flotilla/shared/model';
import { parseSelectorCel, selectorData } from '../fleet-spec/index.ts';

/** What an expression says of a cluster. */
export type CelAnswer =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  /** It reads facts, and the cluster has reported none. */
  | { readonly kind: 'no-facts' }
  /** A label or a fact that it needs is missing, or types do not fit. */
  | { readonly kind: 'error'; readonly text: string };

/**
 * Evaluates the expressions of selectors. It keeps what it has read and what came out for a cluster (the same object), so
 * that one who asks often evaluates once; it says the same as a new one.
 */
export class CelReader {
  readonly #programs = new Map<string, Result<CelProgram, string>>();
  readonly #known = new WeakMap<Cluster, KnownCluster>();

  /** Whether an expression reads facts; one that cannot be read any more counts as if. */
  readsFacts(text: string): boolean {
    const program = this.#read(text);
    return !program.ok || program.value.reads.has('facts');
  }

  answer(text: string, cluster: Cluster): CelAnswer {
    const known = this.#knownOf(cluster);
    const before = known.answers.get(text);
    if (before !== undefined) return before;
    const answer = this.#evaluate(text, cluster, known);
    known.answers.set(text, answer);
    return answer;
  }

  /** Whether some facts of a cluster come to the same as others for these expressions. */
  isSameFor(
    rules: readonly string[],
    cluster: Cluster,
    facts: readonly [ClusterFacts | undefined, ClusterFacts | undefined],
  ): boolean {
    const [left, right] = facts;
    if (left === right) return true;
    if (left?.isFresh !== right?.isFresh) return false;
    const [before, after] = [
      { ...cluster, facts: left },
      { ...cluster, facts: right },
    ];
    return rules.every((text) => this.answer(text, before).kind === this.answer(text, after).kind);
  }

  #evaluate(text: string, cluster: Cluster, known: KnownCluster): CelAnswer {
    const program = this.#read(text);
    if (!program.ok) return { kind: 'error', text: program.error };
    if (cluster.facts === undefined && program.value.reads.has('facts')) return { kind: 'no-facts' };
    known.data ??= new PreparedData(selectorData(cluster));
    const answer = program.value.evaluate(known.data);
    if (!answer.ok) return { kind: 'error', text: answer.error.text };
    return { kind: answer.value ? 'true' : 'false' };
  }

  #read(text: string): Result<CelProgram, string> {
    const known = this.#programs.get(text);
    if (known !== undefined) return known;
    const program = parseSelectorCel(text);
    // Far more than a repository holds at a time: what is left of files that were edited.
    if (this.#programs.size >= limits.controlDocumentsMax) this.#programs.clear();
    this.#programs.set(text, program);
    return program;
  }

  #knownOf(cluster: Cluster): KnownCluster {
    const known = this.#known.get(cluster);
    if (known !== undefined) return known;
    const first: KnownCluster = { data: undefined, answers: new Map() };
    this.#known.set(cluster, first);
    return first;
  }
}

/** A cluster in the language's values, and what expressions said of it. */
interface KnownCluster {
  data: PreparedData | undefined;
  readonly answers: Map<string, CelAnswer>;
}
