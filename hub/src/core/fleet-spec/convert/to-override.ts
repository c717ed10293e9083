import type { RenderPatch } from '@flotilla/shared/model';
import type { OverrideSpec } from '../model.ts';
import { didYouMean } from '../nearest.ts';
import type { RawPlacement } from '../schema/index.ts';
import type { YamlPath } from '../yaml.ts';
import type { Reading } from './reading.ts';
import { toJsonText } from './to-json-text.ts';
import { toSelector } from './to-selector.ts';
import { checkVariablesWithin } from './variables-in.ts';

/** Where something is written, and which variables it may use. */
interface Place {
  readonly path: YamlPath;
  readonly declared: readonly string[];
}

/** Turns what is different on some clusters into the model. */
export function toOverride(
  raw: NonNullable<RawPlacement['spec']['overrides']>[number],
  { path, declared }: Place,
  reading: Reading,
): OverrideSpec {
  if (raw.overlay === undefined && raw.values === undefined && (raw.patches ?? []).length === 0) {
    reading.complain('CONTRADICTION', path, 'changes nothing; give it an overlay, values or patches');
  }
  checkVariablesWithin(raw.values, { path: [...path, 'values'], declared }, reading);
  return {
    at: reading.at(path),
    clusters: toSelector(raw.clusters, [...path, 'clusters'], reading),
    overlay:
      raw.overlay === undefined ? undefined : { path: raw.overlay, at: reading.at([...path, 'overlay']) },
    valuesJson: raw.values === undefined ? undefined : toJsonText(raw.values, [...path, 'values'], reading),
    patches: (raw.patches ?? []).map((one, index) =>
      toPatch(one, { path: [...path, 'patches', index], declared }, reading),
    ),
  };
}

const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

function toPatch(
  raw: { readonly target: RenderPatch['target']; readonly patch: unknown },
  { path, declared }: Place,
  reading: Reading,
): RenderPatch {
  const isList = Array.isArray(raw.patch);
  if (isList) checkOperations(raw.patch, [...path, 'patch'], reading);
  checkVariablesWithin(raw.patch, { path: [...path, 'patch'], declared }, reading);
  return {
    target: raw.target,
    kind: isList ? 'json' : 'merge',
    patchJson: toJsonText(raw.patch, [...path, 'patch'], reading),
  };
}

/** RFC 6902: an operation, a pointer, and what the operation needs. */
function checkOperations(list: readonly unknown[], path: YamlPath, reading: Reading): void {
  for (const [index, one] of list.entries()) {
    // The schema has made sure that each is a mapping.
    const step = one as { readonly [field: string]: unknown };
    const where = [...path, index];
    const name = step['op'];
    if (typeof name !== 'string' || !operations.includes(name)) {
      const near = typeof name === 'string' ? didYouMean(name, operations) : '';
      reading.complain('BAD_VALUE', where, `needs "op", one of ${operations.join(', ')}${near}`);
      continue;
    }
    if (!isPointer(step['path'])) reading.complain('BAD_VALUE', where, 'needs "path", a JSON pointer');
    if ((name === 'move' || name === 'copy') && !isPointer(step['from'])) {
      reading.complain('BAD_VALUE', where, `needs "from", a JSON pointer, because it is a ${name}`);
    }
    if ((name === 'add' || name === 'replace' || name === 'test') && !('value' in step)) {
      reading.complain('BAD_VALUE', where, `needs "value", because it is a ${name}`);
    }
  }
}

function isPointer(value: unknown): boolean {
  return typeof value === 'string' && /^(\/([^~/]|~[01])*)*$/.test(value);
}
