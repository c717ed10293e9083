import type { KubeObject, ObjectTarget, RenderPatch } from '@flotilla/shared/model';
import { isRecord } from '../health/fields.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { formatOrigin, problem, type RenderProblem, type SourceObject } from './source-object.ts';
import { compileTarget } from './target.ts';

/** Applies the overrides' patches in order. A patch that matches nothing is a mistake and is said. */
export function applyPatches(
  objects: readonly SourceObject[],
  patches: readonly RenderPatch[],
): { readonly objects: readonly SourceObject[]; readonly problems: readonly RenderProblem[] } {
  let current = objects;
  const problems: RenderProblem[] = [];
  for (const [index, patch] of patches.entries()) {
    const name = `patch ${index + 1} of the placement (${describeTarget(patch.target)})`;
    const applied = applyPatch(current, patch);
    current = applied.objects;
    problems.push(...applied.complaints.map((text) => problem('PatchFailed', `${name} ${text}`)));
  }
  return { objects: current, problems };
}

interface Applied {
  readonly objects: readonly SourceObject[];
  readonly complaints: readonly string[];
}

function applyPatch(objects: readonly SourceObject[], patch: RenderPatch): Applied {
  const target = compileTarget(patch.target);
  if (!target.ok) return { objects, complaints: [target.error] };
  const body = parseJson(patch.patchJson);
  if (body === undefined) return { objects, complaints: ['is not JSON'] };
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, refusePrototype) as unknown;
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
