import { err, ok, type Result } from '@flotilla/shared/base';
import type { Cluster, ClusterSelector, ExcludingTerm, Reasoned } from '@flotilla/shared/model';
import { CelReader } from './cel-reader.ts';
import { celMismatch, noAnswer, unknownFacts } from './cel-terms.ts';
import { labelsMatch } from './label-terms.ts';

/**
 * Whether a selector takes a cluster, by the facts that are known, be they of now or the last ones: an expression without
 * an answer takes nobody. Taints and cordons are not its business. Who asks about many clusters hands in a reader.
 */
export function matches(selector: ClusterSelector, cluster: Cluster, reader?: CelReader): boolean {
  return (
    labelsMatch(selector, cluster) &&
    selector.groups.every((one) => matches(one.selector, cluster, reader)) &&
    (selector.cel === undefined || (reader ?? new CelReader()).answer(selector.cel, cluster).kind === 'true')
  );
}

/**
 * - yes: takes it; where facts count they are fresh and say so
 * - no: what people wrote says no
 * - facts-no: all that people wrote says yes, but fresh facts say no or give no answer
 * - unknown: it rests on facts, and there are none that are fresh
 */
export type MatchVerdict = 'yes' | 'no' | 'facts-no' | 'unknown';

/** What a selector says of a cluster when stale facts count for nothing. */
export function judgeMatch(
  selector: ClusterSelector,
  cluster: Cluster,
  reader: CelReader,
): { readonly verdict: MatchVerdict; readonly why: ExcludingTerm | undefined } {
  if (!holdsByPeople(selector, cluster, reader)) return { verdict: 'no', why: undefined };
  const rules = factRulesOf(selector, reader);
  if (rules.length === 0) return { verdict: 'yes', why: undefined };
  const unfresh = unknownFacts(cluster);
  if (unfresh !== undefined) return { verdict: 'unknown', why: unfresh };
  const why = rules.flatMap((text) => celMismatch(text, cluster, reader)).at(0);
  return { verdict: why === undefined ? 'yes' : 'facts-no', why };
}

/** Whether a selector may take a cluster: what facts do not say counts as yes. For rules that hold something back. */
export function mayMatch(selector: ClusterSelector, cluster: Cluster, reader: CelReader): boolean {
  return (
    holdsByPeople(selector, cluster, reader) &&
    factRulesOf(selector, reader).every((text) => reader.answer(text, cluster).kind !== 'false')
  );
}

/** Whether a selector takes a cluster by the facts known last; the reason when nobody can say. */
export function knownMatch(
  selector: ClusterSelector,
  cluster: Cluster,
  reader: CelReader,
): Result<boolean, Reasoned> {
  if (!holdsByPeople(selector, cluster, reader)) return ok(false);
  const rules = factRulesOf(selector, reader);
  const answers = rules.map((rule) => ({ rule, answer: reader.answer(rule, cluster) }));
  if (answers.some(({ answer }) => answer.kind === 'false')) return ok(false);
  for (const { rule, answer } of answers) {
    if (answer.kind === 'true' || answer.kind === 'false') continue;
    const { code, subject, text } = noAnswer(rule, cluster, answer);
    return err({ code, subject, text });
  }
  return ok(true);
}

/** Expressions of a selector and its groups that read facts. */
export function factRulesOf(selector: ClusterSelector, reader: CelReader): readonly string[] {
  const own = selector.cel !== undefined && reader.readsFacts(selector.cel) ? [selector.cel] : [];
  return [...own, ...selector.groups.flatMap((one) => factRulesOf(one.selector, reader))];
}

/** All but the expressions that read facts. */
function holdsByPeople(selector: ClusterSelector, cluster: Cluster, reader: CelReader): boolean {
  const { cel, groups } = selector;
  return (
    labelsMatch(selector, cluster) &&
    groups.every((one) => holdsByPeople(one.selector, cluster, reader)) &&
    (cel === undefined || reader.readsFacts(cel) || reader.answer(cel, cluster).kind === 'true')
  );
}
