import type { ManifestFile } from '../read-documents.ts';
import { problem, type RenderProblem } from '../source-object.ts';
import { whyNot } from './calls.ts';
import { type Chart, join } from './chart.ts';

/**
 * What Helm printed as one file for each template, at the template's path in the repository. Documents are counted as they
 * come out: Helm sorts them by kind.
 */
export function readHelmOutput(text: string, chart: Chart): readonly ManifestFile[] {
  const parts = new Map<string, string[]>();
  const heading = /^---\n# Source: (.+)$/gm;
  const found = [...text.matchAll(heading)];
  for (const [index, match] of found.entries()) {
    const [, source = ''] = match;
    const body = text.slice(match.index + match[0].length, found[index + 1]?.index);
    const path = pathOf(source.trim(), chart);
    parts.set(path, [...(parts.get(path) ?? []), body]);
  }
  const encoder = new TextEncoder();
  return [...parts].map(([path, bodies]) => ({ path, bytes: encoder.encode(bodies.join('\n---\n')) }));
}

/** Where Helm says that something is wrong; lines of templates are lines of the file. */
const place =
  /(?:template: |error at \(|error on )([^\s:()]+\/(?:templates|charts|crds)\/[^\s:()]+)(?::(\d+))?/g;

/** What Helm says about a chart, with the paths of the repository, where it says so. */
export function describeHelmFailure(message: string, chart: Chart): RenderProblem {
  // The innermost place comes last: what is included says more than what includes it.
  const [, source = '', line] = [...message.matchAll(place)].at(-1) ?? [];
  const path = source === '' ? join(chart.path, 'Chart.yaml') : pathOf(source, chart);
  const at = { origin: { path, document: 1 }, line: line === undefined ? undefined : Number(line) };
  if (/at <fail>: wrong number of args for fail/.test(message))
    return problem('LookupRefused', `calls lookup, ${whyNot}`, at);
  return problem('HelmFailed', withPaths(message, chart), at);
}

/** Helm calls a file by the name of its chart, not by its folder. */
function pathOf(source: string, chart: Chart): string {
  const own = `${chart.name}/`;
  return source.startsWith(own) ? join(chart.path, source.slice(own.length)) : source;
}

function withPaths(message: string, chart: Chart): string {
  const folders = ['templates/', 'charts/', 'crds/'];
  return folders
    .reduce(
      (text, folder) => text.replaceAll(`${chart.name}/${folder}`, join(chart.path, folder)),
      message.replace(/\s*Use --debug flag to render out invalid YAML\s*$/, ''),
    )
    .trim();
}
