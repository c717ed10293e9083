import { err, type Json, type Result } from '@flotilla/shared/base';
import type { KubeObject, ObjectTarget, RenderPatch } from '@flotilla/shared/model';
import { substituteDeclared } from '@flotilla/shared/model';
import { isRecord } from '../health/fields.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { formatOrigin, problem, type RenderProblem, type SourceObject } from './source-object.ts';
import { compileTarget } from './target.ts';

/** What is done to the objects of the files. */
export interface Patching {
  readonly patches: readonly RenderPatch[];
  /** What `${var.NAME}` in the patches stands for. */
  readonly variables: { readonly [name: string]: string };
  /** Whose variables they are, for messages. */
  readonly clusterName: string;
}

/** Applies the overrides' patches in order. A patch that matches nothing is a mistake and is said. */
export function applyPatches(
  objects: readonly SourceObject[],
  { patches, variables, clusterName }: Patching,
): { readonly objects: readonly SourceObject[]; readonly problems: readonly RenderProblem[] } {
  let current = objects;
  const problems: RenderProblem[] = [];
  for (const [index, patch] of patches.entries()) {
    const name = `patch ${index + 1} of the placement (${describeTarget(patch.target)})`;
    const body = bodyOf(patch, { variables, clusterName });
    if (!body.ok) {
      problems.push(problem(body.error.code, `${name} ${body.error.text}`));
      continue;
    }
    const applied = applyPatch(current, patch, body.value);
    current = applied.objects;
    problems.push(...applied.complaints.map((text) => problem('PatchFailed', `${name} ${text}`)));
  }
  return { objects: current, problems };
}

/** The operations, or the mapping to merge, with the variables of the cluster in their places. */
function bodyOf(
  patch: RenderPatch,
  { variables, clusterName }: Omit<Patching, 'patches'>,
): Result<Json, { readonly code: string; readonly text: string }> {
  const body = parseJson(patch.patchJson);
  if (body === undefined) return err({ code: 'PatchFailed', text: 'is not JSON' });
  const replaced = substituteDeclared(body, variables);
  if (replaced.ok) return replaced;
  const text = `holds \${var.${replaced.error}}, and cluster ${clusterName} is given no such variable: declare it in spec.render.variables`;
  return err({ code: 'VariableMissing', text });
}

interface Applied {
  readonly objects: readonly SourceObject[];
  readonly complaints: readonly string[];
}

function applyPatch(objects: readonly SourceObject[], patch: RenderPatch, body: Json): Applied {
  const target = compileTarget(patch.target);
  if (!target.ok) return { objects, complaints: [target.error] };
  const complaints: string[] = [];
  let matched = 0;
  const patched = objects.map((source) => {
    if (!target.value(source.object)) return source;
    matched += 1;
    const result = patchObject(source.object, patch.kind, body);
    if (typeof result !== 'string') return { ...source, object: result };
    complaints.push(`on ${formatOrigin(source.origin)}: ${result}`);
    return source;
  });
  return { objects: patched, complaints: matched === 0 ? ['matches no object'] : complaints };
}

/** The patched object, or why it could not be. */
function patchObject(object: KubeObject, kind: RenderPatch['kind'], body: unknown): KubeObject | string {
  const result =
    kind === 'merge' ? { ok: true as const, value: mergePatch(object, body) } : jsonPatch(object, body);
  if (!result.ok) return result.error;
  const { value } = result;
  const isWhole =
    isRecord(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isRecord(value['metadata']) &&
    typeof value['metadata']['name'] === 'string' &&
    value['metadata']['name'] !== '';
  // Every field that KubeObject promises has just been checked.
  return isWhole ? (value as unknown as KubeObject) : 'leaves no apiVersion, kind or metadata.name';
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text, refusePrototype) as Json;
  } catch {
    return undefined;
  }
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('__proto__ is refused');
  return value;
}

function describeTarget(target: ObjectTarget): string {
  const parts = Object.entries(target).filter(([, value]) => value !== undefined);
  return parts.length === 0
    ? 'everything'
    : parts.map(([name, value]) => `${name}: ${String(value)}`).join(', ');
}
