import { err, type Json, ok, type Result } from '@flotilla/shared/base';
import type { GroupVersionKind, Render } from '@flotilla/shared/model';
import { substituteDeclared } from '@flotilla/shared/model';
import { fieldAt, listAt, textAt } from '../../health/fields.ts';
import type { KindTable } from '../kinds.ts';
import { type ManifestFile, readDocuments } from '../read-documents.ts';
import { problem, type RenderProblem } from '../source-object.ts';
import { type ChanceCall, chanceCallsIn, refuseLookups } from './calls.ts';
import { type Chart, isTemplate, join, readChart } from './chart.ts';
import { remoteSchemas } from './remote-schemas.ts';

/** What a chart is rendered from. */
export interface HelmSource {
  /** All fetched files, archives of charts unpacked. */
  readonly files: readonly ManifestFile[];
  /** Folder of the chart. */
  readonly path: string;
  readonly render: Render;
  /** The release is called so when the placement names none. */
  readonly placement: string;
  readonly clusterName: string;
  /** `v1.36.3`. */
  readonly kubeVersion: string;
  readonly kinds: KindTable;
}

/** What Helm is asked for. */
export interface HelmRequest {
  readonly files: readonly ManifestFile[];
  /** Folder of the chart. */
  readonly path: string;
  readonly releaseName: string;
  readonly namespace: string;
  readonly kubeVersion: string;
  /** What the cluster serves: `apps/v1`, `apps/v1/Deployment`; sorted. */
  readonly apiVersions: readonly string[];
  /** Paths among the files; later ones win. */
  readonly valuesFiles: readonly string[];
  /** JSON that wins over the files. */
  readonly valuesJson: string | undefined;
}

/** A chart that can be rendered. */
export interface HelmPlan {
  readonly chart: Chart;
  readonly request: HelmRequest;
  /** Calls of what comes out differently each time: with any, two renders are compared. */
  readonly chance: readonly ChanceCall[];
}

/**
 * From the files of a chart to what Helm is asked for, or everything that is wrong before it is asked. Nothing else is ever
 * asked: what is not among the files is a mistake that says where it is named.
 */
export function prepareHelm(source: HelmSource): Result<HelmPlan, readonly RenderProblem[]> {
  const read = readChart(source.files, source.path);
  if (!read.ok) return read;
  const chart = read.value;
  const { render, kinds } = source;
  const values = valuesOf(source);
  const named = (render.helm?.valuesFiles ?? []).map((name) => placeOf(name, source));
  const mistakes = [
    ...namesMistaken(source),
    ...named.flatMap((one) => (one.ok ? [] : [one.error])),
    ...(values.ok ? [] : [values.error]),
    ...remoteSchemas(chart.files),
    ...unreadGroups(chart, kinds),
  ];
  const valuesFiles = named.flatMap((one) => (one.ok ? [one.value] : []));
  const valuesJson = values.ok ? values.value : undefined;
  const lookups = refuseLookups(source.files, { chart, valuesFiles, valuesJson });
  mistakes.push(...lookups.problems);
  if (mistakes.length > 0) return err(mistakes);
  const request = {
    files: lookups.files,
    path: source.path,
    releaseName: render.helm?.releaseName ?? source.placement,
    namespace: render.namespace ?? '',
    kubeVersion: source.kubeVersion,
    apiVersions: apiVersionsOf(kinds, chart),
    valuesFiles,
    valuesJson,
  };
  return ok({ chart, request, chance: chanceCallsIn(chart) });
}

/** What Kubernetes takes for a name (RFC 1123): nothing else may become an argument of a program. */
const namePattern = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;

function namesMistaken({ render, path, placement }: HelmSource): readonly RenderProblem[] {
  const at = { origin: { path: join(path, 'Chart.yaml'), document: 1 } };
  const name = render.helm?.releaseName ?? placement;
  const { namespace } = render;
  const broken = [name, namespace ?? 'x'].filter((one) => !namePattern.test(one));
  const problems = broken.map((one) =>
    problem('NameBroken', `cannot be released as ${JSON.stringify(one)}: it is no Kubernetes name`, at),
  );
  if (namespace !== undefined) return problems;
  const text =
    'a chart is released into a namespace, and the placement names none: set spec.namespace (for a chart of cluster-wide objects alone, any)';
  return [...problems, problem('NamespaceMissing', text, at)];
}

/** A values file of the placement is named relative to the chart, and may lie beside it. */
function placeOf(name: string, { files, path }: HelmSource): Result<string, RenderProblem> {
  const place = resolve(path, name);
  if (place !== undefined && files.some((file) => file.path === place)) return ok(place);
  const where =
    place === undefined
      ? 'leaves the repository'
      : `would be ${place}, which is not among the files: paths are relative to the chart, and what lies outside of it must be below one of spec.source.includes`;
  return err(problem('ValuesMissing', `values file ${JSON.stringify(name)} of the placement ${where}`));
}

/** A relative path as one of the repository; undefined when it leaves it. */
function resolve(folder: string, name: string): string | undefined {
  if (name.startsWith('/')) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of name.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function valuesOf({ render, clusterName }: HelmSource): Result<string | undefined, RenderProblem> {
  const text = render.helm?.valuesJson;
  if (text === undefined) return ok(undefined);
  const parsed = parseJson(text);
  if (parsed === undefined) return err(problem('ValuesBroken', 'the values of the placement are not JSON'));
  const replaced = substituteDeclared(parsed, render.variables);
  if (replaced.ok) return ok(JSON.stringify(replaced.value));
  const why = `the values of the placement hold \${var.${replaced.error}}, and cluster ${clusterName} is given no such variable: declare it in spec.render.variables`;
  return err(problem('VariableMissing', why));
}

function parseJson(text: string): Json | undefined {
  try {
    // JSON.parse gives nothing but JSON.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/**
 * As helm install asks the cluster (action.GetVersionSet): groups with versions, and kinds within them. What the chart's own
 * definitions bring counts, as they are there before the templates.
 */
function apiVersionsOf(kinds: KindTable, chart: Chart): readonly string[] {
  const found = new Set<string>();
  for (const { group, version, kind } of [...kinds.served, ...definedBy(chart)]) {
    const groupVersion = group === '' ? version : `${group}/${version}`;
    found.add(groupVersion);
    found.add(`${groupVersion}/${kind}`);
  }
  return [...found].sort();
}

function definedBy(chart: Chart): readonly GroupVersionKind[] {
  return chart.files
    .filter(({ path }) => /(?:^|\/)crds\/.*\.ya?ml$/.test(path) && !isTemplate(path, chart))
    .flatMap((file) => [...readDocuments(file)])
    .flatMap((reading) => {
      const definition = reading.kind === 'value' ? reading.value : undefined;
      const group = textAt(definition, ['spec', 'group']);
      const kind = textAt(definition, ['spec', 'names', 'kind']);
      const served = listAt(definition, 'spec', 'versions').filter((one) => fieldAt(one, 'served') === true);
      return kind === '' ? [] : served.map((one) => ({ group, kind, version: textAt(one, ['name']) }));
    });
}

/**
 * Whether a group that cannot be read serves anything is not known, and a chart that asks would leave objects out, which
 * are then pruned: absence never deletes. Only groups that the chart speaks of count.
 */
function unreadGroups(chart: Chart, kinds: KindTable): readonly RenderProblem[] {
  return kinds.unreadableGroups.flatMap((group) => {
    const needle = `${group}/`;
    const file = chart.files.find(
      ({ path, bytes }) => isTemplate(path, chart) && new TextDecoder().decode(bytes).includes(needle),
    );
    if (file === undefined) return [];
    const text = `speaks of API group ${group}, which cannot be read now: whether the cluster serves it is not known`;
    return [problem('DiscoveryFailed', text, { origin: { path: file.path, document: 1 } })];
  });
}
