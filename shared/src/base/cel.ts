import { type CelEnv, type CelInput, celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { limits } from './limits.ts';
import { err, ok, type Result } from './result.ts';

/**
 * The one place that knows the CEL library (shared/adr/0013). Loaded only by who has an expression: it is not part of the
 * index, because it costs an idle agent some megabytes.
 */

/** A parsed expression: evaluated as often as wanted, on other data each time. */
export interface CelProgram {
  /** The expression as it was written. */
  readonly text: string;
  /**
   * Whether it is true for the data. An error when it cannot be computed (a field is missing, types do not fit, the data
   * is too large), or yields something that is neither true nor false.
   */
  evaluate(data: CelData): Result<boolean, CelProblem>;
}

/** What the variables stand for: JSON values. Whole numbers are CEL ints, as in Kubernetes; others doubles. */
export interface CelData {
  readonly [variable: string]: unknown;
}

/** Why an expression has no answer. */
export interface CelProblem {
  /** `not-boolean`: other data does not help, the expression has to be changed. `error`: it may be different later. */
  readonly kind: 'error' | 'not-boolean';
  readonly text: string;
}

/**
 * Reads an expression once. The error says what is wrong with it and where; an unknown variable or function is one, so
 * that it is found where the expression is written and not where it is used.
 */
export function parseCel(text: string, variables: readonly string[]): Result<CelProgram, string> {
  if (text.length > limits.celTextMax) return err(`is longer than ${limits.celTextMax} characters`);
  const env = celEnv();
  try {
    const parsed = parse(text);
    const problem = judgeTree(parsed.expr, { env, variables });
    if (problem !== undefined) return err(problem);
    const run = plan(env, parsed);
    return ok({ text, evaluate: (data) => evaluate(run, data) });
  } catch (error) {
    return err(syntaxText(error));
  }
}

function evaluate(run: (data: never) => unknown, data: CelData): Result<boolean, CelProblem> {
  const budget = { left: limits.celDataNodesMax };
  const inputs = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, toInput(value, budget)]),
  );
  if (budget.left < 0) {
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

interface Judging {
  readonly env: CelEnv;
  readonly variables: readonly string[];
}

/** Names that stand for types in expressions such as `type(x) == string`. */
const typeNames = [
  'bool',
  'bytes',
  'double',
  'dyn',
  'int',
  'list',
  'map',
  'null_type',
  'string',
  'type',
  'uint',
];

/** A node of the library's tree, as far as all nodes are alike. */
interface TreeNode {
  readonly [member: string]: unknown;
}

interface Place {
  readonly depth: number;
  readonly macros: number;
  readonly bound: readonly string[];
}

/** The first thing that a tree may not have. Walks it without the library's types: only three kinds of nodes matter. */
function judgeTree(root: unknown, judging: Judging): string | undefined {
  const waiting: { readonly value: unknown; readonly place: Place }[] = [
    { value: root, place: { depth: 0, macros: 0, bound: judging.variables } },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, place } = next;
    if (Array.isArray(value)) for (const one of value) waiting.push({ value: one, place });
    if (!isNode(value)) continue;
    const below = placeBelow(value, place);
    const problem = judgeNode(value, below, judging);
    if (problem !== undefined) return problem;
    for (const one of Object.values(value)) waiting.push({ value: one, place: below });
  }
  return undefined;
}

function placeBelow(node: TreeNode, place: Place): Place {
  // Each node of the language is an Expr with a sum inside; only Expr counts as a level.
  const depth = place.depth + (node['$typeName'] === 'cel.expr.Expr' ? 1 : 0);
  if (node['$typeName'] !== 'cel.expr.Expr.Comprehension') return { ...place, depth };
  const names = ['accuVar', 'iterVar', 'iterVar2'].map((name) => String(node[name]));
  return { depth, macros: place.macros + 1, bound: [...place.bound, ...names] };
}

function judgeNode(node: TreeNode, place: Place, { env }: Judging): string | undefined {
  if (place.depth > limits.celDepthMax) return `is nested deeper than ${limits.celDepthMax}`;
  if (place.macros > limits.celMacroDepthMax) {
    return `has more than ${limits.celMacroDepthMax} macros (all, exists, map, filter) inside each other`;
  }
  if (node['$typeName'] === 'cel.expr.Expr.Ident') {
    const name = String(node['name']);
    const isKnown = place.bound.includes(name) || typeNames.includes(name);
    return isKnown ? undefined : `there is no ${JSON.stringify(shorten(name))} here`;
  }
  if (node['$typeName'] === 'cel.expr.Expr.Call') {
    const name = String(node['function']);
    const isKnown = env.funcs.find(name) !== undefined || !/^[a-z]/i.test(name);
    return isKnown ? undefined : `there is no function ${JSON.stringify(shorten(name))}`;
  }
  return undefined;
}

function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
