import { type CelInput, CelScalar, celEnv, celFunc, isCelError, parse, plan } from '@bufbuild/cel';
import { judgeTree } from './cel-tree.ts';
import { limits } from './limits.ts';
import { err, ok, type Result } from './result.ts';
import { compareVersionKeys, type VersionKey, versionKey } from './semver.ts';

/**
 * The one place that knows the CEL library (shared/adr/0013). Loaded only by who has an expression: it is not part of the
 * index, because it costs an idle agent some megabytes.
 */

/** A parsed expression: evaluated as often as wanted, on other data each time. */
export interface CelProgram {
  /** The expression as it was written. */
  readonly text: string;
  /** Those of the variables that it names. */
  readonly reads: ReadonlySet<string>;
  /**
   * Whether it is true for the data. An error when it cannot be computed (a field is missing, types do not fit, the data
   * is too large), or yields something that is neither true nor false.
   */
  evaluate(data: CelData | PreparedData): Result<boolean, CelProblem>;
}

/** What the variables stand for: JSON values. Whole numbers are CEL ints, as in Kubernetes; others doubles. */
export interface CelData {
  readonly [variable: string]: unknown;
}

/** What is known of the variables beside their names. */
export interface CelKnowledge {
  /** All fields that a variable can have, by variable; of one that is not here nothing is known. */
  readonly fields: { readonly [variable: string]: readonly string[] };
}

/** Data that several expressions look at, turned into the language's values once. */
export class PreparedData {
  /** Undefined = it has more values than an expression may look at. */
  readonly inputs: { readonly [variable: string]: CelInput } | undefined;

  constructor(data: CelData) {
    const budget = { left: limits.celDataNodesMax };
    const inputs = Object.entries(data).map(([name, value]): [string, CelInput] => [
      name,
      toInput(value, budget),
    ]);
    this.inputs = budget.left < 0 ? undefined : Object.fromEntries(inputs);
  }
}

/** Why an expression has no answer. */
export interface CelProblem {
  /** `not-boolean`: other data does not help, the expression has to be changed. `error`: it may be different later. */
  readonly kind: 'error' | 'not-boolean';
  readonly text: string;
}

/**
 * Reads an expression once. The error says what is wrong with it and where; an unknown variable or function is one, so
 * that it is found where the expression is written and not where it is used; so is a field that a variable cannot have.
 *
 * Beside the language's own functions there is `semver('1.29')`: it can be compared by <, <=, > and >= with another one and
 * with a text that is a version; semver.ts has the order. A text that is none has no answer.
 */
export function parseCel(
  text: string,
  variables: readonly string[],
  knowledge: CelKnowledge = { fields: {} },
): Result<CelProgram, string> {
  if (text.length > limits.celTextMax) return err(`is longer than ${limits.celTextMax} characters`);
  const env = celEnv({ funcs: versionFunctions() });
  try {
    const parsed = parse(text);
    const reads = new Set<string>();
    const isFunction = (name: string) => env.funcs.find(name) !== undefined;
    const { fields } = knowledge;
    const problem = judgeTree(parsed.expr, { isFunction, variables, fields, reads });
    if (problem !== undefined) return err(problem);
    const run = plan(env, parsed);
    return ok({ text, reads, evaluate: (data) => evaluate(run, data) });
  } catch (error) {
    return err(syntaxText(error));
  }
}

function evaluate(run: (data: never) => unknown, data: CelData | PreparedData): Result<boolean, CelProblem> {
  const { inputs } = data instanceof PreparedData ? data : new PreparedData(data);
  if (inputs === undefined) {
    return err({ kind: 'error', text: `the data has more than ${limits.celDataNodesMax} values` });
  }
  // The library's type asks for the variables' names, which are known only here.
  const value = run(inputs as never);
  if (isCelError(value)) return err({ kind: 'error', text: shorten(value.message) });
  if (typeof value === 'boolean') return ok(value);
  return err({ kind: 'not-boolean', text: `is ${kindOf(value)}, not true or false` });
}

/** JSON as the library takes it. */
function toInput(value: unknown, budget: { left: number }): CelInput {
  budget.left -= 1;
  if (budget.left < 0) return null;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((one) => toInput(one, budget));
  if (typeof value !== 'object' || value === null) return null;
  return new Map(Object.entries(value).map(([name, one]) => [name, toInput(one, budget)]));
}

/** Orders of two versions, by the operator's name in the language. */
const orders: { readonly [operator: string]: (order: number) => boolean } = {
  '_<_': (order) => order < 0,
  '_<=_': (order) => order <= 0,
  '_>_': (order) => order > 0,
  '_>=_': (order) => order >= 0,
};

/** `semver(text)` gives bytes in the order of versions, which the language compares as they are; here a text beside one. */
function versionFunctions() {
  const { BOOL, BYTES, STRING } = CelScalar;
  return [
    celFunc('semver', [STRING], BYTES, keyOf),
    ...Object.entries(orders).flatMap(([operator, holds]) => [
      celFunc(operator, [STRING, BYTES], BOOL, (text, key) => holds(compareVersionKeys(keyOf(text), key))),
      celFunc(operator, [BYTES, STRING], BOOL, (key, text) => holds(compareVersionKeys(key, keyOf(text)))),
    ]),
  ];
}

/** Throws what the library turns into an expression without an answer. */
function keyOf(text: string): VersionKey {
  const key = versionKey(text);
  if (key.ok) return key.value;
  throw new Error(`${JSON.stringify(shorten(text))} ${key.error}`);
}

/** The library's text, with the position moved to where people look for it. */
function syntaxText(error: unknown): string {
  if (!(error instanceof Error)) return 'cannot be read';
  const found = /^<input>:(\d+):(\d+): (.*)$/s.exec(error.message);
  if (found === null) return shorten(error.message);
  const [, line = '1', column = '1', what = ''] = found;
  return `line ${line}, column ${column}: ${shorten(what)}`;
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'bigint' || typeof value === 'number') return 'a number';
  return value === null ? 'null' : 'a list, a map or the like';
}

function shorten(text: string): string {
  return text.trim().slice(0, 200);
}
