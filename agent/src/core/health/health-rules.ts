import type { CelProgram, parseCel } from '@flotilla/shared/base/cel';
import type { GroupKind, HealthRule, KubeObject, ObjectRef, ObjectTarget } from '@flotilla/shared/model';
import { apiVersionOf, healthVariables } from '@flotilla/shared/model';
import { compileTarget, meansKind, type TargetMatch } from '../render/target.ts';
import { isRecord } from './fields.ts';
import { judgeCurrency } from './kstatus.ts';
import { current, failed, inProgress, type Verdict } from './verdict.ts';

/** A rule of a placement, ready to judge the objects that it matches. */
export interface CompiledRule {
  readonly target: ObjectTarget;
  readonly matches: TargetMatch;
  /** Of a rule that cannot be asked at all, the reason. */
  readonly program: CelProgram | { readonly problem: string };
  /** The expression as written, shortened for messages. */
  readonly text: string;
}

/** Characters of an expression in a message. */
const shownMax = 120;

/**
 * Makes rules ready. The hub has said what is wrong with one where it is written; a rule that cannot be read all the same
 * fails what it may be meant for: an object whose rule nobody understands is not healthy.
 */
export function compileRules(rules: readonly HealthRule[], parse: typeof parseCel): readonly CompiledRule[] {
  return rules.map(({ target, cel }) => {
    const parsed = parse(cel, healthVariables);
    const matched = compileTarget(target);
    const text = cel.length > shownMax ? `${cel.slice(0, shownMax)}…` : cel;
    if (matched.ok && parsed.ok) return { target, matches: matched.value, program: parsed.value, text };
    const problem = parsed.ok ? `labelSelector: ${matched.ok ? '' : matched.error}` : parsed.error;
    const matches = matched.ok ? matched.value : () => true;
    return { target, matches, program: { problem }, text };
  });
}

/** The rules that may be about objects of a kind; which of its objects they match shows when those are read whole. */
export function rulesAbout(rules: readonly CompiledRule[], kind: GroupKind): readonly CompiledRule[] {
  return rules.filter((rule) => meansKind(rule.target, kind));
}

/** Of such rules, those that an object is judged by; [] = by the built-in ones. Labels count as they are on the cluster. */
export function rulesFor(
  rules: readonly CompiledRule[],
  ref: ObjectRef,
  labels: { readonly [name: string]: string } | undefined,
): readonly CompiledRule[] {
  const { kind, name, namespace } = ref;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
  };
  return rules.filter((rule) => rule.matches({ apiVersion: apiVersionOf(ref), kind, metadata }));
}

/**
 * Judges a whole object by its rules: healthy only when all of them are true. What was said of an older generation proves
 * nothing, and an object that goes is not healthy, whatever its rules find.
 */
export function judgeByRules(object: KubeObject, rules: readonly CompiledRule[]): Verdict {
  const stale = judgeCurrency(object);
  if (stale !== undefined) return stale;
  const verdicts = rules.map((rule) => judgeByRule(object, rule));
  return (
    verdicts.find((one) => one.status === 'Failed') ??
    verdicts.find((one) => one.status !== 'Current') ??
    current('as its rule asks')
  );
}

function judgeByRule(object: KubeObject, { program, text }: CompiledRule): Verdict {
  if ('problem' in program)
    return failed('RuleUnreadable', `the rule ${text} cannot be read: ${program.problem}`);
  const answer = program.evaluate(celDataOf(object));
  if (answer.ok)
    return answer.value ? current('as its rule asks') : inProgress('RuleNotMet', `not yet true: ${text}`);
  const { kind, text: why } = answer.error;
  // Other data does not help: the rule has to be changed.
  if (kind === 'not-boolean') return failed('RuleNotBoolean', `the rule ${text} ${why}`);
  return inProgress('RuleNoAnswer', `the rule ${text} has no answer yet${whyNoAnswer(object, why)}`);
}

/** Why an expression has no answer, as the end of a sentence. The reason may quote the data, which of a Secret nobody is shown. */
export function whyNoAnswer({ kind }: KubeObject, why: string): string {
  return kind === 'Secret' ? '' : `: ${why}`;
}

/** What the variables of an expression about an object stand for (healthVariables). */
export function celDataOf(object: KubeObject): { readonly object: unknown; readonly status: unknown } {
  const { status } = object;
  return { object, status: isRecord(status) ? status : {} };
}
