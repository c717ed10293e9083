import { isRecord } from '../health/fields.ts';
import { type ManifestFile, readDocuments } from './read-documents.ts';
import { remoteTexts } from './remote-texts.ts';
import { type Origin, problem, type RenderProblem } from './source-object.ts';

/** Kinds of plug-ins that run programs or fetch charts. */
const refusedKinds = ['HelmChartInflationGenerator', 'ChartInflator'];
/** Annotations that make kustomize run a program for a plug-in (kyaml, `fn/runtime/runtimeutil`: today's and older names). */
const functionAnnotations = [
  'config.kubernetes.io/function',
  'config.k8s.io/function',
  'config.kubernetes.io/container',
];

/**
 * Finds what a file of plug-ins (an entry of `generators`, `transformers` or `validators`) would fetch or run. Built-in
 * plug-ins load every file they name from the network when its name is a URL, as a kustomization does.
 */
export function scanPluginFile(file: ManifestFile): readonly RenderProblem[] {
  return [...readDocuments(file)].flatMap((reading) =>
    reading.kind === 'problem' ? [reading.problem] : scanPlugin(reading.value, reading.origin, ''),
  );
}

/** Inline plug-ins as the kustomization's entry holds them; undefined when the entry is a path and no document. */
export function scanInlinePlugins(
  entry: string,
  origin: Origin,
  field: string,
): readonly RenderProblem[] | undefined {
  const readings = [...readDocuments({ path: origin.path, bytes: new TextEncoder().encode(entry) })];
  const isDocument = readings.some((one) => one.kind === 'problem' || typeof one.value === 'object');
  if (!isDocument) return undefined;
  return readings.flatMap((one) =>
    one.kind === 'problem'
      ? [problem(one.problem.code, `${field} ${one.problem.text}`, { origin })]
      : scanPlugin(one.value, origin, field),
  );
}

function scanPlugin(value: unknown, origin: Origin, field: string): readonly RenderProblem[] {
  return [
    ...remoteTexts(value, field).map((one) => remoteProblem(one, origin)),
    ...programs(value).map((name) =>
      problem('KustomizeRefused', `a ${name} is refused: programs are not run`, { origin }),
    ),
  ];
}

/** A text that would be fetched, as what is wrong with its file. */
export function remoteProblem(
  one: { readonly field: string; readonly text: string },
  origin: Origin,
): RenderProblem {
  const text = `${one.field} names ${JSON.stringify(one.text)}, which is remote; everything must lie in the repository`;
  return problem('RemoteReference', text, { origin });
}

/** Programs that a document would run, also one inside a list of them. */
function programs(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(programs);
  if (!isRecord(value)) return [];
  const { kind, metadata } = value;
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined;
  const isFunction =
    (isRecord(metadata) && metadata['configFn'] !== undefined) ||
    (isRecord(annotations) && functionAnnotations.some((name) => annotations[name] !== undefined));
  return [
    ...refusedKinds.filter((name) => name === kind),
    ...(isFunction ? ['function plug-in'] : []),
    ...Object.values(value).flatMap(programs),
  ];
}
