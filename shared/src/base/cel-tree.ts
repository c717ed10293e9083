import { limits } from './limits.ts';
import { versionKey } from './semver.ts';

/** What a tree is judged by, and what is found in it. */
export interface Judging {
  /** Whether there is a function of this name. */
  readonly isFunction: (name: string) => boolean;
  readonly variables: readonly string[];
  /** All fields that a variable can have; of one that is not here nothing is known. */
  readonly fields: { readonly [variable: string]: readonly string[] };
  /** Takes the names of the variables that are read. */
  readonly reads: Set<string>;
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
export function judgeTree(root: unknown, judging: Judging): string | undefined {
  const waiting: { readonly value: unknown; readonly place: Place }[] = [
    { value: root, place: { depth: 0, macros: 0, bound: judging.variables } },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, place } = next;
    if (Array.isArray(value)) for (const one of value) waiting.push({ value: one, place });
    if (!isNode(value)) continue;
    const below = placeBelow(value, place);
    const problem = judgeNode(value, below, judging) ?? judgeUse(value, judging);
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

function judgeNode(
  node: TreeNode,
  place: Place,
  { isFunction, reads, variables }: Judging,
): string | undefined {
  if (place.depth > limits.celDepthMax) return `is nested deeper than ${limits.celDepthMax}`;
  if (place.macros > limits.celMacroDepthMax) {
    return `has more than ${limits.celMacroDepthMax} macros (all, exists, map, filter) inside each other`;
  }
  if (node['$typeName'] === 'cel.expr.Expr.Ident') {
    const name = String(node['name']);
    if (variables.includes(name)) reads.add(name);
    const isKnown = place.bound.includes(name) || typeNames.includes(name);
    return isKnown ? undefined : `there is no ${JSON.stringify(shorten(name))} here`;
  }
  if (node['$typeName'] === 'cel.expr.Expr.Call') {
    const name = String(node['function']);
    const isKnown = isFunction(name) || !/^[a-z]/i.test(name);
    return isKnown ? undefined : `there is no function ${JSON.stringify(shorten(name))}`;
  }
  return undefined;
}

const orderOperators: readonly string[] = ['_<_', '_<=_', '_>_', '_>=_'];

/** What would be evaluated, but not as whoever wrote it meant. */
function judgeUse(node: TreeNode, judging: Judging): string | undefined {
  if (node['$typeName'] === 'cel.expr.Expr.Select') {
    const variable = identOf(node['operand']);
    const field = String(node['field']);
    const known = variable === undefined ? undefined : judging.fields[variable];
    if (known === undefined || known.includes(field)) return undefined;
    return `${variable} has no ${JSON.stringify(shorten(field))}, only ${known.join(', ')}`;
  }
  if (node['$typeName'] !== 'cel.expr.Expr.Call' || !Array.isArray(node['args'])) return undefined;
  const name = String(node['function']);
  if (name === 'semver') return judgeVersion(node['args'][0]);
  const operands: readonly unknown[] = node['args'];
  if (name === '_==_' || name === '_!=_') {
    const versions = operands.filter((one) => callOf(one) === 'semver').length;
    return versions === 1
      ? 'compares a version with a text: write semver() on both sides, or use >= and <'
      : undefined;
  }
  const isOrder = orderOperators.includes(name);
  const isTextual =
    isOrder &&
    operands.some((one) => textOf(one) !== undefined) &&
    operands.some((one) => isFieldOf(one, judging.fields));
  return isTextual ? "compares texts letter by letter: write semver('1.29') for a version" : undefined;
}

/** A version that is written out is read now, not on a cluster. */
function judgeVersion(argument: unknown): string | undefined {
  const text = textOf(argument);
  const key = text === undefined ? undefined : versionKey(text);
  return key === undefined || key.ok ? undefined : `${JSON.stringify(shorten(text ?? ''))} ${key.error}`;
}

/** What an Expr of the library's tree holds, when it is of this kind. */
function heldBy(value: unknown, kind: string): unknown {
  if (!isNode(value) || !isNode(value['exprKind'])) return undefined;
  return value['exprKind']['case'] === kind ? value['exprKind']['value'] : undefined;
}

function identOf(value: unknown): string | undefined {
  const ident = heldBy(value, 'identExpr');
  return isNode(ident) ? String(ident['name']) : undefined;
}

function callOf(value: unknown): string | undefined {
  const call = heldBy(value, 'callExpr');
  return isNode(call) ? String(call['function']) : undefined;
}

/** The text of a constant. */
function textOf(value: unknown): string | undefined {
  const constant = heldBy(value, 'constExpr');
  const kind = isNode(constant) ? constant['constantKind'] : undefined;
  return isNode(kind) && kind['case'] === 'stringValue' ? String(kind['value']) : undefined;
}

function isFieldOf(value: unknown, fields: Judging['fields']): boolean {
  const select = heldBy(value, 'selectExpr');
  const variable = isNode(select) ? identOf(select['operand']) : undefined;
  return variable !== undefined && fields[variable] !== undefined;
}

function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shorten(text: string): string {
  return text.trim().slice(0, 200);
}
