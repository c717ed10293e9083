import { isRecord } from '../../health/fields.ts';
import type { ManifestFile } from '../read-documents.ts';
import { problem, type RenderProblem } from '../source-object.ts';

/** Keywords of JSON Schema whose value Helm follows, whatever it leads to: servers, this machine's loopback, its files. */
const followed = ['$ref', '$dynamicRef', '$recursiveRef'];

/** Drafts that Helm has within it. */
const knownDraft = /^https?:\/\/json-schema\.org\//;

/** Schemas of values that lead out of themselves: nothing is fetched for a render. */
export function remoteSchemas(files: readonly ManifestFile[]): readonly RenderProblem[] {
  return files
    .filter(({ path }) => /(?:^|\/)values\.schema\.json$/.test(path))
    .flatMap(({ path, bytes }) => {
      const remote = firstRemote(parse(bytes), 0);
      if (remote === undefined) return [];
      const text = `leads to ${JSON.stringify(remote.slice(0, 200))}, which is not fetched: put what it needs into the file, or take the file out of the chart`;
      return [problem('SchemaRemote', text, { origin: { path, document: 1 } })];
    });
}

/** Undefined when it is no JSON: Helm says so by itself. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/** Nesting that is looked through; Helm's own parser stops before. */
const depthMax = 500;

function firstRemote(value: unknown, depth: number): string | undefined {
  if (depth > depthMax) return 'a nesting without end';
  if (!isRecord(value) && !Array.isArray(value)) return undefined;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'string' && followed.includes(key) && !item.startsWith('#')) return item;
    if (typeof item === 'string' && key === '$schema' && !knownDraft.test(item)) return item;
    const below = firstRemote(item, depth + 1);
    if (below !== undefined) return below;
  }
  return undefined;
}
